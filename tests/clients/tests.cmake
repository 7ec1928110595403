# SPDX-License-Identifier: Apache-2.0
# The vendors' own clients, installed by script/bootstrap in node_modules here.
passgate_tests(clients LINK passgate_sim_demo passgate_crypto_phone)
add_dependencies(test_clients passgated passgate-syncd)
