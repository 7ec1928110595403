# SPDX-License-Identifier: Apache-2.0
passgate_tests(runtime LINK passgate_runtime PkgConfig::SYSTEMD)
# The command is only its exit status and its words around runtime/config.
target_sources(test_runtime PRIVATE ${CMAKE_SOURCE_DIR}/cli/config.cpp)
