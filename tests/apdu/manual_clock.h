// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"

namespace passgate::apdu {

/// Stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  WallTime now() const override { return {}; }
  MonoTime monotonic() const override { return time_; }
  ClockState state() const override { return ClockState::synchronised; }
  void advance(Milliseconds by) { time_ += by; }

 private:
  MonoTime time_{};
};

}  // namespace passgate::apdu
