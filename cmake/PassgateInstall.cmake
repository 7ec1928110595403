# SPDX-License-Identifier: Apache-2.0
# Where `cmake --install` puts things. Units, users and device rules are not
# here: their places differ between releases, and debhelper knows them (debian/).

include(GNUInstallDirs)

install(TARGETS passgated passgate-syncd RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS passgate passgate-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Where passgate-sim looks for it, from bin/ (sim/reader/pcscd_rig.h).
install(TARGETS ifdpassgate-sim LIBRARY DESTINATION lib/passgate)

include(PassgateManual)
passgate_manual_of_example(
  ${CMAKE_SOURCE_DIR}/man/passgate.toml.5.in ${CMAKE_SOURCE_DIR}/docs/example.toml
  ${CMAKE_BINARY_DIR}/man/passgate.toml.5)
install(FILES man/passgate.1 man/passgate-sim.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/man/passgate.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES man/passgated.8 man/passgate-syncd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

# bash and fish look for a file of the command's name.
foreach(program passgate passgated passgate-syncd)
  install(FILES completions/passgate.bash DESTINATION share/bash-completion/completions RENAME ${program})
  install(FILES completions/${program}.fish DESTINATION share/fish/vendor_completions.d)
endforeach()
install(FILES completions/passgate-sim.bash DESTINATION share/bash-completion/completions RENAME passgate-sim)
install(FILES completions/passgate-sim.fish DESTINATION share/fish/vendor_completions.d)
install(FILES completions/_passgate completions/_passgate-sim DESTINATION share/zsh/vendor-completions)
