# SPDX-License-Identifier: Apache-2.0
passgate_tests(sim LINK passgate_sim_cloud passgate_sim_tap passgate_crypto passgate_crypto_phone PkgConfig::CURL)
add_dependencies(test_sim passgate-sim)
