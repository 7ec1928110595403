// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "tests/rig/flow_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate::test {

/// A test of whole taps: one rig at a time in a folder that outlives it, so that
/// a second rig is the terminal started again.
class FlowFixture : public ::testing::Test {
 protected:
  FlowRig& rig(FlowRig::Options options = {}) {
    rig_.emplace(folder_.path(), std::move(options));
    return *rig_;
  }
  std::vector<gate::TapRecord> journalled() { return rig_->journal->read_after(0, 1000).value(); }

  TempFolder folder_;
  std::optional<FlowRig> rig_;
};

}  // namespace passgate::test
