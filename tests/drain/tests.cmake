# SPDX-License-Identifier: Apache-2.0
passgate_tests(drain LINK passgate_sync passgate_sim_cloud fmt::fmt TIMEOUT 600)
target_sources(test_drain PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/fake_core.cpp ${CMAKE_CURRENT_SOURCE_DIR}/sync/kit.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/syncd.cpp)
add_dependencies(test_drain passgate-syncd)
