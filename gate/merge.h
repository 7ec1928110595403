// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gate/decision.h"
#include "gate/local_calendar.h"
#include "gate/pass_mirror.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// The records of one pass, from any number of terminals, as a set: each tap id
/// once, in no order. What follows from it is the same however it came together.
///
/// Puts them in the one order all terminals agree on: what one terminal wrote, in
/// the order of its positions; between terminals, by the latest moment at which a
/// record can have been written: its time plus the clock's bound, or the same of
/// a later record of its terminal. A clock that is unset, or in holdover without a
/// bound, may have been anywhere: records after which its terminal never knew the
/// time come last. Ties: terminal, position, tap id. What is certain by honest
/// bounds stands in this order. Conflicts do not belong in it: each is a copy.
void put_in_order(std::vector<TapRecord>& records);

/// When a zone is empty every day; who entered before counts as having left.
struct Emptying {
  LocalCalendar calendar;
  std::chrono::minutes hour{0};
};
using EmptyingHours = std::map<std::string, Emptying, std::less<>>;  ///< By zone.

/// A disagreement found: the same for the same set.
struct FoundConflict {
  TapId tap;  ///< The admission too many, or the refusal too many.
  Conflict kind = Conflict::duplicate_offline;
  std::optional<TapId> against;
  bool order_certain = false;
  friend auto operator<=>(const FoundConflict&, const FoundConflict&) = default;
};

/// What a set of records comes to.
struct Merged {
  unsigned admitted = 0;  ///< People let in, those who came back too; undone ones not counted.
  unsigned entitled = 0;  ///< Of these, covered by the policy or by an operator.
  std::vector<FoundConflict> conflicts;  ///< Sorted.
  unsigned overrun() const noexcept { return admitted - entitled; }
};

/// Judges the set again, as if one terminal had seen all of it, by those rules of
/// `policy` that need nothing else: uses, re-entry, anti-passback, once a day. The
/// first uses count, every later admission is a conflict and stands. Pure.
/// Overridden admissions are no conflict: a person decided them.
Merged merge(const PassPolicy& policy, const EmptyingHours& hours,
             std::span<const TapRecord> records, const std::optional<Revocation>& revocation);

/// The record that tells `found`, made of the record it is about: the same at
/// every terminal, but for its position. `repeat`: how often it was told before
/// (a withdrawal in between).
TapRecord conflict_record(const FoundConflict& found, const TapRecord& about, bool withdrawn,
                          unsigned repeat);

}  // namespace passgate::gate
