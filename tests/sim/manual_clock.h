// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"

namespace passgate::sim::test {

/// A clock that stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + std::chrono::hours{10}};
  MonoTime mono{};

  WallTime now() const override { return wall; }
  MonoTime monotonic() const override { return mono; }
  ClockState state() const override { return ClockState::synchronised; }
  void advance(Milliseconds by) {
    wall += by;
    mono += by;
  }
};

}  // namespace passgate::sim::test
