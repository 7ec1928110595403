// SPDX-License-Identifier: Apache-2.0
#include "gate/clock_judgement.h"

#include <algorithm>
#include <limits>

#include "gate/time_span.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

/// No day has more hours: daylight saving adds one at most.
constexpr Milliseconds kLongestDay = 25h;

bool same_boot(const Reading& one, const Reading& other) noexcept {
  return !one.boot_id.empty() && one.boot_id == other.boot_id;
}

/// By the monotonic clock of one boot. Two readers may have asked it in one order
/// and written in the other: never less than nothing.
Milliseconds ticked(const Reading& since, const Reading& until) noexcept {
  std::int64_t ns = 0;
  if (__builtin_sub_overflow(until.monotonic_ns, since.monotonic_ns, &ns)) {
    ns = until.monotonic_ns < 0 ? 0 : std::numeric_limits<std::int64_t>::max();
  }
  return std::chrono::floor<Milliseconds>(std::chrono::nanoseconds(std::max<std::int64_t>(ns, 0)));
}

Milliseconds between(WallTime from, WallTime until) noexcept {
  Milliseconds::rep ms = 0;
  if (__builtin_sub_overflow(until.time_since_epoch().count(), from.time_since_epoch().count(),
                             &ms)) {
    return until < from ? 0ms : Milliseconds::max();
  }
  return Milliseconds(std::max<Milliseconds::rep>(ms, 0));
}

}  // namespace

Reading reading_of(const Instant& instant) noexcept {
  return {.at = instant.at,
          .clock = instant.clock,
          .clock_error = instant.clock_error,
          .boot_id = instant.boot_id,
          .monotonic_ns = instant.monotonic_ns};
}

Reading reading_of(const Presentation& presentation) noexcept {
  return {.at = presentation.now,
          .clock = presentation.clock,
          .clock_error = presentation.clock_error,
          .boot_id = presentation.boot_id,
          .monotonic_ns = presentation.monotonic_ns};
}

bool clock_is_wrong(const PassPolicy& policy, const Presentation& at) noexcept {
  if (at.clock == ClockState::unset) return true;
  if (at.clock == ClockState::synchronised || !policy.max_clock_error) return false;
  return !at.clock_error || *at.clock_error > in_ms(*policy.max_clock_error);
}

std::optional<Moments> moments_of(const Reading& reading) noexcept {
  if (reading.clock == ClockState::unset) return std::nullopt;
  if (!reading.clock_error && reading.clock == ClockState::holdover) return std::nullopt;
  const Milliseconds error = std::max(reading.clock_error.value_or(0ms), 0ms);
  return Moments{.earliest = before(reading.at, error), .latest = after(reading.at, error)};
}

std::optional<Elapsed> elapsed(const Reading& since, const Reading& until) noexcept {
  if (same_boot(since, until)) {
    const Milliseconds span = ticked(since, until);
    return Elapsed{.least = span, .most = span};
  }
  const auto from = moments_of(since);
  const auto to = moments_of(until);
  if (!from || !to) return std::nullopt;
  return Elapsed{.least = between(from->latest, to->earliest),
                 .most = between(from->earliest, to->latest)};
}

bool certainly_a_later_day(const LocalCalendar& calendar, const Reading& earlier,
                           const Reading& later) noexcept {
  const auto span = elapsed(earlier, later);
  if (span && span->least >= kLongestDay) return true;
  const auto from = moments_of(earlier);
  const auto to = moments_of(later);
  if (!same_boot(earlier, later)) {
    return from && to && calendar.day(to->earliest) > calendar.day(from->latest);
  }
  // The monotonic clock says how long ago; one good look at the wall clock is
  // enough. But both looks have to see a later day: a clock that was set back in
  // between sees the midnight before it a second time.
  const bool shows_later = calendar.day(later.at) > calendar.day(earlier.at);
  if (!shows_later && later.clock != ClockState::unset) return false;
  if (to) return calendar.day(to->earliest) > calendar.day(before(to->latest, span->least));
  return from && calendar.day(after(from->earliest, span->least)) > calendar.day(from->latest);
}

}  // namespace passgate::gate
