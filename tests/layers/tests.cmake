# SPDX-License-Identifier: Apache-2.0
passgate_tests(layers DEFINE PASSGATE_BUILD_DIR="${CMAKE_BINARY_DIR}")
