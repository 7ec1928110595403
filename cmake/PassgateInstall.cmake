# SPDX-License-Identifier: Apache-2.0
# Where `cmake --install` puts things. Units, users and device rules are not
# here: their places differ between releases, and debhelper knows them (debian/).

include(GNUInstallDirs)

install(TARGETS passgated passgate-syncd RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS passgate passgate-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Where passgate-sim looks for it, from bin/ (sim/reader/pcscd_rig.h).
install(TARGETS ifdpassgate-sim LIBRARY DESTINATION lib/passgate)
