passgate_tests(cli LINK passgate_cli passgate_crypto_phone)
add_dependencies(test_cli passgate)
