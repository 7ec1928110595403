// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/clock.h"

namespace passgate::runtime {

/// What adjtimex(2) said: whether it could be asked, and its answer.
struct KernelClock {
  bool answered = false;
  bool synchronised = false;
  /// While synchronised: how far off it is at most, by its own reckoning.
  std::optional<Milliseconds> max_error = {};
};

/// The kernel stops calling itself synchronised when it may be further off.
inline constexpr Milliseconds kLastOfSynchronised{16'000};

/// The verdict of SystemClock::state(). A time before this software was written
/// is wrong whatever the kernel believes.
ClockState clock_health(WallTime now, const KernelClock& kernel) noexcept;

/// A moment of this boot at which the clock was known to be right within `bound`.
struct ClockAnchor {
  WallTime wall;
  MonoTime monotonic;
  Milliseconds bound;
};

/// How far the wall clock may be off now: what it was off at most, what it has
/// drifted since - 500 ppm, which is what the kernel itself assumes - and every
/// step it has made beside the monotonic clock. Time spent suspended counts as
/// such a step.
Milliseconds error_since(const ClockAnchor& anchor, WallTime wall, MonoTime monotonic) noexcept;

}  // namespace passgate::runtime
