// SPDX-License-Identifier: Apache-2.0
#include "gate/local_calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <exception>

namespace passgate::gate {
namespace {

/// A file may name any time; within ten thousand years the library cannot overflow.
WallTime in_reach(WallTime time) {
  constexpr WallTime kEnd{std::chrono::days(3'652'500)};
  return std::clamp(time, WallTime(-kEnd.time_since_epoch()), kEnd);
}

}  // namespace

std::optional<LocalCalendar> LocalCalendar::of(const std::string& zone) {
  // The library has only exceptions for a name it does not know, or no database.
  try {
    const date::time_zone* found = date::locate_zone(zone);
    found->get_info(date::sys_seconds{});  // Reads the zone's file: not during a tap.
    return LocalCalendar(found);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::chrono::local_days LocalCalendar::day(WallTime time) const {
  const auto local = zone_->to_local(in_reach(time)).time_since_epoch();
  return std::chrono::local_days(std::chrono::floor<std::chrono::days>(local));
}

WallTime LocalCalendar::last(std::chrono::minutes hour, WallTime time) const {
  time = in_reach(time);
  date::local_days day = date::floor<date::days>(zone_->to_local(time));
  for (;; day -= date::days(1)) {
    const WallTime at = zone_->to_sys(date::local_time<Milliseconds>(day.time_since_epoch() + hour),
                                      date::choose::earliest);
    if (at <= time) return at;
  }
}

}  // namespace passgate::gate
