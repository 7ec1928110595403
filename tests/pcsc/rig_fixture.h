// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "apdu/apdu.h"
#include "sim/reader/pcscd_rig.h"

namespace passgate::test {

/// SELECT OSE.VAS.01, what a tap begins with.
apdu::CommandApdu select_vas();

/// A test with a real pcscd of its own and virtual readers in it.
class WithReaders : public testing::Test {
 protected:
  /// Asserts that they come up.
  void start_readers(unsigned count);
  const std::string& reader(std::size_t i) const { return rig_->names()[i]; }
  /// Lines of the i-th reader's lamp file.
  std::vector<std::string> lamp_lines(std::size_t i) const;

  std::unique_ptr<sim::VirtualReaderRig> rig_;
};

}  // namespace passgate::test
