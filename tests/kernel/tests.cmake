# SPDX-License-Identifier: Apache-2.0
# Needs a kernel of its own and root: typed keys go to its consoles. So ctest does
# not know it; script/test --vm runs it in a guest.
file(GLOB kernel_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
add_executable(test_kernel ${kernel_sources} ${CMAKE_CURRENT_LIST_DIR}/../hid/host.cpp)
target_link_libraries(test_kernel PRIVATE
  passgate_options passgate_hid fmt::fmt PkgConfig::XKBCOMMON GTest::gtest_main)
set_target_properties(test_kernel PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
