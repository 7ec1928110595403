// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.h"
#include "gate/decision.h"

namespace passgate::gate {

/// What both clocks showed; copies no text, and lives no longer than what it is of.
struct Reading {
  WallTime at;
  ClockState clock = ClockState::unset;
  std::optional<Milliseconds> clock_error;
  std::string_view boot_id;
  std::int64_t monotonic_ns = 0;
};
Reading reading_of(const Instant& instant) noexcept;
Reading reading_of(const Presentation& presentation) noexcept;

/// Whether nothing may be decided by the time of day: the clock is unset, or in
/// holdover and possibly further off than the policy bears.
bool clock_is_wrong(const PassPolicy& policy, const Presentation& at) noexcept;

/// The moments between which it can have been.
struct Moments {
  WallTime earliest;
  WallTime latest;
};
/// Absent: it may have been any. A synchronised clock that names no bound is exact.
std::optional<Moments> moments_of(const Reading& reading) noexcept;

/// How much time can have gone by.
struct Elapsed {
  Milliseconds least{0};  ///< Not negative.
  Milliseconds most{0};
};
/// Within one boot by the monotonic clock, whatever the wall clock did; else by
/// what both wall clocks can have been off. Absent: nobody can tell.
std::optional<Elapsed> elapsed(const Reading& since, const Reading& until) noexcept;

/// Whether `later` certainly falls on a later day there than `earlier`.
bool certainly_a_later_day(const LocalCalendar& calendar, const Reading& earlier,
                           const Reading& later) noexcept;

}  // namespace passgate::gate
