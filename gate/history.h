// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "gate/pass_records.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// An instant by both clocks of a terminal: its wall clock may have been wrong or
/// stepped since, the monotonic one runs true until the next boot.
struct Instant {
  WallTime at;
  ClockState clock = ClockState::unset;
  std::optional<Milliseconds> clock_error;
  std::string boot_id;
  std::int64_t monotonic_ns = 0;
};
Instant instant_of(const TapRecord& record);

/// What has become of a pass so far, as far as this terminal knows.
struct History {
  unsigned uses = 0;                  ///< Consumed and not undone, at all terminals we know of.
  unsigned last_use_no = 0;           ///< The highest number given here, undone or not.
  std::optional<WallTime> first_use;  ///< When the first was; for the steward.
  std::string first_reader;
  /// Of those that stand, the last one; several where clocks do not tell which of
  /// them it was.
  std::vector<Instant> last_uses;
  std::vector<Instant> last_entries;  ///< Re-entries too.
  unsigned inside = 0;                ///< People of this pass inside now.
  /// Position of the newest movement looked at; 0: none. Journal::record refuses
  /// when there is a newer one.
  std::uint64_t seen_until = 0;
};

/// Which movements count.
struct HistoryScope {
  std::optional<std::string> zone;     ///< `uses` per zone: uses and entries of this one only.
  std::optional<WallTime> emptied_at;  ///< Who entered before is taken to have left.
};

/// Folds the movements of one pass: the use numbers of its own go on, and who has
/// an undo from elsewhere stays admitted - a terminal takes back only what it wrote
/// itself. Pure; the order of `movements` does not matter: they are put in
/// gate/merge.h's order.
/// @param movements  Admissions, overrides and undos of one pass.
History history_of(const PassRecords& movements, const HistoryScope& scope);

}  // namespace passgate::gate
