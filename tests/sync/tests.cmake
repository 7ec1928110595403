# SPDX-License-Identifier: Apache-2.0
passgate_tests(sync LINK passgate_sync passgate_sim_cloud fmt::fmt PkgConfig::SQLITE)
add_dependencies(test_sync passgate-syncd)
