passgate_tests(crypto LINK passgate_crypto_phone nlohmann_json::nlohmann_json OpenSSL::Crypto)
