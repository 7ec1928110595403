// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"

namespace passgate::sync {

/// The time base of everything that waits: the wall clock as it was when the
/// process started, carried on by the monotonic clock. It can be stored like a
/// wall time, and a stepped clock neither wakes nor delays anything.
/// Immutable.
class SteadyWall {
 public:
  explicit SteadyWall(const Clock& clock) : wall_(clock.now()), mono_(clock.monotonic()) {}

  WallTime at(MonoTime time) const {
    return wall_ + std::chrono::floor<Milliseconds>(time - mono_);
  }
  MonoTime mono(WallTime time) const { return mono_ + (time - wall_); }

 private:
  WallTime wall_;
  MonoTime mono_;
};

}  // namespace passgate::sync
