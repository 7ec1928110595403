// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "gate/local_calendar.h"
#include "gate/merge.h"
#include "runtime/config.h"

namespace passgate::terms {

/// One `[[zone]]`, ready for work. Immutable.
struct CountedZone {
  std::string name;
  std::optional<unsigned> capacity;             ///< People; absent: any number.
  std::optional<gate::LocalCalendar> calendar;  ///< Set when `empties_at` counts.
  std::chrono::minutes empties_at{0};           ///< After midnight there.

  /// When everybody had left last; absent: nobody leaves but through an exit. A
  /// clock that is certainly wrong cannot tell.
  std::optional<WallTime> emptied_at(WallTime now, ClockState clock) const;
};

/// All zones that people are counted in: those of `[[zone]]`, and those that only
/// a reader in gate mode names, which have no rules. The error is for a person
/// and names the line of the configuration that asks for the impossible.
std::expected<std::vector<CountedZone>, std::string> load_counted_zones(
    const runtime::Config& config);

/// The same for gate::merge(): of those zones that are emptied.
gate::EmptyingHours emptying_hours(const std::vector<CountedZone>& zones);

/// Null: there is none of that name.
const CountedZone* zone_named(const std::vector<CountedZone>& zones,
                              std::string_view name) noexcept;

}  // namespace passgate::terms
