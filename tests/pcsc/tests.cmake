# SPDX-License-Identifier: Apache-2.0
passgate_tests(pcsc
  LINK passgate_readers passgate_sim_reader passgate_apdu
       PkgConfig::PCSC nlohmann_json::nlohmann_json
  TIMEOUT 300)
add_dependencies(test_pcsc passgate-sim)
