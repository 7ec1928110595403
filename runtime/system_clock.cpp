// SPDX-License-Identifier: Apache-2.0
#include "runtime/system_clock.h"

#include <sys/timex.h>

#include "runtime/clock_health.h"

namespace passgate::runtime {
namespace {

/// A fixed day, not the day of the compilation: builds stay reproducible.
/// Raised with each release.
constexpr WallTime kWritten{std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)};

KernelClock ask_kernel() noexcept {
  timex clock{};  // modes = 0: read only, which a sandbox may allow.
  const int state = ::adjtimex(&clock);
  if (state < 0) return {};
  return {true, state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0};
}

}  // namespace

ClockState clock_health(WallTime now, const KernelClock& kernel) noexcept {
  if (now < kWritten) return ClockState::unset;
  return kernel.answered && kernel.synchronised ? ClockState::synchronised : ClockState::holdover;
}

WallTime SystemClock::now() const {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::monotonic() const {
  return std::chrono::steady_clock::now();
}

ClockState SystemClock::state() const {
  return clock_health(now(), ask_kernel());
}

}  // namespace passgate::runtime
