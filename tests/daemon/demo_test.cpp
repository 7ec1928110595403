// SPDX-License-Identifier: Apache-2.0
// The demo's outcomes, asserted: the same program that script/demo shows.
#include "sim/demo/demo.h"

#include <gtest/gtest.h>

namespace passgate {
namespace {

TEST(Demo, EveryOutcomeIsTheRightOne) {
  EXPECT_EQ(sim::run_demo({.programs = PASSGATE_BIN_DIR, .fixtures = PASSGATE_FIXTURES}), 0);
}

}  // namespace
}  // namespace passgate
