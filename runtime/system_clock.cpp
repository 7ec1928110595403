// SPDX-License-Identifier: Apache-2.0
#include "runtime/system_clock.h"

#include <sys/timex.h>

#include "runtime/time_service.h"

namespace passgate::runtime {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kPatience = 500ms;
constexpr auto kAskedEvery = 1min;
constexpr auto kToldHolds = 3min;

/// A fixed day, not the day of the compilation: builds stay reproducible.
/// Raised with each release.
constexpr WallTime kWritten{std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)};

KernelClock ask_kernel() noexcept {
  timex clock{};  // modes = 0: read only, which a sandbox may allow.
  const int state = ::adjtimex(&clock);
  if (state < 0) return {};
  const bool synchronised = state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
  if (!synchronised) return {.answered = true};
  const auto error = std::chrono::ceil<Milliseconds>(std::chrono::microseconds(clock.maxerror));
  return {.answered = true, .synchronised = true, .max_error = error};
}

}  // namespace

ClockState clock_health(WallTime now, const KernelClock& kernel) noexcept {
  if (now < kWritten) return ClockState::unset;
  return kernel.answered && kernel.synchronised ? ClockState::synchronised : ClockState::holdover;
}

Milliseconds error_since(const ClockAnchor& anchor, WallTime wall, MonoTime monotonic) noexcept {
  constexpr int kDriftOneIn = 2000;  // 500 ppm
  const auto elapsed = std::chrono::ceil<Milliseconds>(monotonic - anchor.monotonic);
  const auto step = std::chrono::abs((wall - anchor.wall) - elapsed);
  // Reading two clocks is not one moment; a millisecond of it is no step.
  constexpr Milliseconds kRounding{1};
  return anchor.bound + elapsed / kDriftOneIn + kRounding +
         (step > kRounding ? step : Milliseconds(0));
}

WallTime SystemClock::now() const {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::monotonic() const {
  return std::chrono::steady_clock::now();
}

ClockState SystemClock::state() const {
  if (const KernelClock kernel = ask_kernel(); kernel.answered) return clock_health(now(), kernel);
  const Told told = told_.load();
  const bool holds = told != Told::nothing && monotonic() - asked_.load() < kToldHolds;
  return clock_health(now(), {holds, told == Told::synchronised});
}

std::optional<Milliseconds> SystemClock::error_bound() const {
  const KernelClock kernel = ask_kernel();
  if (kernel.max_error) anchor(*kernel.max_error);
  if (now() < kWritten) return std::nullopt;
  if (kernel.max_error) return kernel.max_error;
  return anchor_.with([&](const std::optional<ClockAnchor>& known) -> std::optional<Milliseconds> {
    if (!known) return std::nullopt;
    return error_since(*known, now(), monotonic());
  });
}

void SystemClock::anchor(Milliseconds bound) const {
  anchor_.with([&](std::optional<ClockAnchor>& known) { known = {now(), monotonic(), bound}; });
}

void SystemClock::ask_time_service() {
  error_bound();
  const MonoTime now = monotonic();
  const bool fresh = asked_.load() != MonoTime{} && now - asked_.load() < kAskedEvery;
  if (fresh || ask_kernel().answered) return;
  const KernelClock answer = runtime::ask_time_service(kSystemBus, kPatience);
  told_ = !answer.answered      ? Told::nothing
          : answer.synchronised ? Told::synchronised
                                : Told::not_synchronised;
  asked_ = now;
  if (told_ == Told::synchronised) anchor(kLastOfSynchronised);
}

}  // namespace passgate::runtime
