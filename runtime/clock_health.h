// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"

namespace passgate::runtime {

/// What adjtimex(2) said: whether it could be asked, and its answer.
struct KernelClock {
  bool answered = false;
  bool synchronised = false;
};

/// The verdict of SystemClock::state(). A time before this software was written
/// is wrong whatever the kernel believes.
ClockState clock_health(WallTime now, const KernelClock& kernel) noexcept;

}  // namespace passgate::runtime
