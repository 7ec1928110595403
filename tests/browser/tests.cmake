# SPDX-License-Identifier: Apache-2.0
# The pages in a real browser. script/bootstrap installs Chromium and, below
# tests/browser, what npm has to bring.
find_program(PASSGATE_NODE node)
file(GLOB browser_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.test.mjs)
if(NOT PASSGATE_NODE)
  message(WARNING "No node: the browser tests are left out. script/bootstrap gets it.")
  set(browser_tests "")
endif()
foreach(browser_test ${browser_tests})
  get_filename_component(name ${browser_test} NAME_WE)
  add_test(NAME browser.${name} COMMAND ${PASSGATE_NODE} --test ${browser_test})
  # A browser and a whole terminal: each has the machine to itself.
  set_tests_properties(browser.${name} PROPERTIES
    LABELS browser TIMEOUT 300 RUN_SERIAL ON ENVIRONMENT PASSGATE_BIN_DIR=${CMAKE_BINARY_DIR}/bin)
endforeach()
