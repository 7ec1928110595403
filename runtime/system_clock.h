// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"

namespace passgate::runtime {

/// The machine's clocks. `state()` asks the kernel (adjtimex, read only):
/// synchronised when a time service disciplines the clock, unset when the time
/// lies before this software was built, holdover otherwise. Thread-safe.
class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  MonoTime monotonic() const override;
  ClockState state() const override;
};

}  // namespace passgate::runtime
