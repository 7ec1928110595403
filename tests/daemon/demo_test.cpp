// SPDX-License-Identifier: Apache-2.0
// The demo's outcomes, asserted: the same program that script/demo shows.
#include "sim/demo/demo.h"

#include <gtest/gtest.h>

namespace passgate {
namespace {

class Demo : public ::testing::TestWithParam<std::string> {};

TEST_P(Demo, EveryOutcomeIsTheRightOne) {
  sim::DemoOptions options{.programs = PASSGATE_BIN_DIR, .fixtures = PASSGATE_FIXTURES};
  options.cloud = GetParam();
  EXPECT_EQ(sim::run_demo(options), 0);
}

INSTANTIATE_TEST_SUITE_P(Against, Demo, ::testing::ValuesIn(sim::demo_cloud_kinds()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace passgate
