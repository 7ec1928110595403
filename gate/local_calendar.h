// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/clock.h"

namespace date {
class time_zone;
}

namespace passgate::gate {

/// The calendar of a place: which day it is there, daylight saving included.
/// From the system's time zone database, which is read once. Thread-safe.
class LocalCalendar {
 public:
  /// @param zone  IANA name, "Europe/Berlin". Empty result: there is no such zone.
  static std::optional<LocalCalendar> of(const std::string& zone);

  std::chrono::local_days day(WallTime time) const;
  /// The latest instant at or before `time` at which clocks there showed `hour`.
  /// On a night that skips it: the instant of the jump; on one that has it twice: the first.
  WallTime last(std::chrono::minutes hour, WallTime time) const;

 private:
  explicit LocalCalendar(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;  ///< Of the database, which lives as long as the process.
};

}  // namespace passgate::gate
