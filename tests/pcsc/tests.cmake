passgate_tests(pcsc
  LINK passgate_readers passgate_sim_reader passgate_apdu PkgConfig::PCSC TIMEOUT 300)
