# SPDX-License-Identifier: Apache-2.0
passgate_tests(sim LINK passgate_sim_cloud passgate_crypto PkgConfig::CURL)
