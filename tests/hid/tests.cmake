# SPDX-License-Identifier: Apache-2.0
# A small program of its own, because it is watched and hindered by strace.
add_executable(type_on_node ${CMAKE_CURRENT_LIST_DIR}/programs/type_on_node.cpp)
target_link_libraries(type_on_node PRIVATE passgate_options passgate_hid)
set_target_properties(type_on_node PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

passgate_tests(hid LINK passgate_hid PkgConfig::XKBCOMMON PkgConfig::RE2
  DEFINE PASSGATE_TYPE_ON_NODE="$<TARGET_FILE:type_on_node>")
add_dependencies(test_hid type_on_node)
