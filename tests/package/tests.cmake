# SPDX-License-Identifier: Apache-2.0
# What the package adds to the programs: manual, completions, configuration.

# passgate_package_test(NameOfTheTest script argument…)
function(passgate_package_test name script)
  add_test(NAME package.${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/package/${script} ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(package.${name} PROPERTIES LABELS package TIMEOUT 60)
endfunction()

set(bin $<TARGET_FILE_DIR:passgate>)
passgate_package_test(TheManualTellsAllOfPassgate manual_tells_all ${bin}/passgate man/passgate.1)
passgate_package_test(TheManualTellsAllOfPassgateSim manual_tells_all ${bin}/passgate-sim man/passgate-sim.1)
passgate_package_test(TheManualTellsAllOfPassgated manual_tells_all ${bin}/passgated man/passgated.8)
passgate_package_test(TheManualTellsAllOfSyncd manual_tells_all ${bin}/passgate-syncd man/passgate-syncd.8)
passgate_package_test(TheManualIsSoundRoff manual_is_sound ${CMAKE_BINARY_DIR}/man/passgate.toml.5)
passgate_package_test(TheManualShowsTheExampleAsItIs manual_shows_example ${CMAKE_BINARY_DIR}/man/passgate.toml.5)
passgate_package_test(EveryShellOffersEveryWordOfPassgate shells_offer_all ${bin}/passgate passgate)
passgate_package_test(EveryShellOffersEveryWordOfPassgateSim shells_offer_all ${bin}/passgate-sim passgate-sim)
passgate_package_test(EveryShellOffersEveryOptionOfPassgated shells_offer_all ${bin}/passgated passgate passgated)
passgate_package_test(EveryShellOffersEveryOptionOfSyncd shells_offer_all ${bin}/passgate-syncd passgate passgate-syncd)
passgate_package_test(BashCompletesAsATypistExpects bash_completes)
passgate_package_test(BothDaemonsAcceptTheShippedConfiguration shipped_configuration ${bin})
passgate_package_test(TheVersionsAgree versions_agree ${PROJECT_VERSION})
