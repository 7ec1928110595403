// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.h"
#include "sim/tap/phone.h"

namespace passgate::test {

/// Answers every activation with the same recorded cryptogram: what a thief's
/// device would do.
class Replayer final : public sim::Phone {
 public:
  explicit Replayer(sim::Phone& victim) : victim_(victim) {}
  void activate() override {
    asked_ = 0;
    if (heard_.empty()) victim_.activate();
  }
  std::optional<Bytes> answer(ByteView command) override {
    if (asked_ == heard_.size()) heard_.push_back(victim_.answer(command).value());
    return heard_[asked_++];
  }

 private:
  sim::Phone& victim_;
  std::vector<Bytes> heard_;
  std::size_t asked_ = 0;
};

}  // namespace passgate::test
