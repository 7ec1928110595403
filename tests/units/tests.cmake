# SPDX-License-Identifier: Apache-2.0
# The service units, as systemd itself judges them. No running systemd is needed.
find_program(PASSGATE_SYSTEMD_ANALYZE systemd-analyze)
if(NOT PASSGATE_SYSTEMD_ANALYZE)
  message(WARNING "No systemd-analyze: the tests of the units are left out. script/bootstrap gets it.")
endif()

# passgate_units_test(PassgatedIsExposedByAtMostOneHalf exposure passgated.service 0.5)
function(passgate_units_test name script)
  if(NOT PASSGATE_SYSTEMD_ANALYZE)
    return()
  endif()
  add_test(NAME units.${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/units/${script} ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(units.${name} PROPERTIES LABELS units TIMEOUT 60)
endfunction()

passgate_units_test(PassgatedIsExposedByAtMostOneHalf exposure passgated.service 0.5)
passgate_units_test(SyncdIsExposedByAtMostOneAndATenth exposure passgate-syncd.service 1.1)
passgate_units_test(SystemdUnderstandsEveryLine understood)
passgate_units_test(EveryOpenDirectiveSaysWhy open_directives)
passgate_units_test(UsersAndFoldersAreWhatTheUnitsNeed users_and_folders)
