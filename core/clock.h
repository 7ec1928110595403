// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace passgate {

using Milliseconds = std::chrono::milliseconds;
/// UTC wall clock, millisecond resolution: what events and records carry.
using WallTime = std::chrono::sys_time<Milliseconds>;
/// For durations and deadlines; never stepped.
using MonoTime = std::chrono::steady_clock::time_point;

/// How far the wall clock may be believed.
enum class ClockState : std::uint8_t {
  synchronised,  ///< A time service disciplines it now.
  holdover,      ///< Plausible, nobody disciplines it.
  unset,         ///< Certainly wrong, e.g. before this software was built.
};
std::string_view name(ClockState state) noexcept;
std::optional<ClockState> clock_state_from(std::string_view text) noexcept;

/// Time is an argument: whatever decides or parses is given one of these.
/// Implementations: runtime::SystemClock, tests' ManualClock.
/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual MonoTime monotonic() const = 0;
  virtual ClockState state() const = 0;
  /// How far `now()` may be from the truth, either way. Absent: nobody can say.
  virtual std::optional<Milliseconds> error_bound() const { return std::nullopt; }
};

/// RFC 3339 in UTC with milliseconds: 2026-11-20T19:04:11.482Z
std::string to_rfc3339_ms(WallTime time);
/// RFC 3339 in UTC with whole seconds: 2026-11-20T19:04:11Z
std::string to_rfc3339(WallTime time);
/// Accepts both, and numeric offsets; years 0000 to 9999 in UTC. Errors: bad_value.
Result<WallTime> from_rfc3339(std::string_view text);

}  // namespace passgate
