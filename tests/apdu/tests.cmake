passgate_tests(apdu LINK passgate_apdu passgate_crypto_phone ZLIB::ZLIB nlohmann_json::nlohmann_json)
