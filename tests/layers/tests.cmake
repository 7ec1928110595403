# SPDX-License-Identifier: Apache-2.0
passgate_tests(layers)
