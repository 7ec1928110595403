// SPDX-License-Identifier: Apache-2.0
#include "gate/history.h"

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "gate/merge.h"

namespace passgate::gate {
namespace {

/// The admissions that a later act took back.
std::set<TapId> undone(std::span<const TapRecord> movements) {
  std::set<TapId> ids;
  for (const TapRecord& record : movements) {
    if (record.kind == Kind::undo && record.refers) ids.insert(*record.refers);
  }
  return ids;
}

bool is_movement(const TapRecord& record) {
  return record.kind == Kind::tap || record.kind == Kind::override;
}

bool stands(const TapRecord& record, const std::set<TapId>& taken_back) {
  return is_movement(record) && record.decision == Decision::admit &&
         !taken_back.contains(record.tap_id);
}

/// Who entered before the zone was emptied is taken to have left. A clock that was
/// certainly wrong did not see when that was.
bool has_left(const TapRecord& entry, const HistoryScope& scope) {
  return scope.emptied_at && entry.clock != ClockState::unset && entry.at < *scope.emptied_at;
}

/// Stops at the end of the range: a damaged or a foreign count must not begin again.
unsigned sum(unsigned count, unsigned more) {
  unsigned total = 0;
  return __builtin_add_overflow(count, more, &total) ? std::numeric_limits<unsigned>::max() : total;
}

void note_own(History& history, const TapRecord& record) {
  history.seen_until = std::max(history.seen_until, record.position);
  if (!is_movement(record) || !record.use_no) return;
  history.last_use_no = std::max(history.last_use_no, sum(*record.use_no, record.party - 1));
}

/// Own uses by their number, so that those whose record was deleted with age
/// still count; but for the ones taken back.
unsigned own_uses(const History& history, std::span<const TapRecord> movements,
                  const std::set<TapId>& taken_back, const HistoryScope& scope) {
  unsigned back = 0;
  for (const TapRecord& record : movements) {
    const bool own_use = record.terminal == scope.own_terminal && record.use_no;
    if (own_use && taken_back.contains(record.tap_id)) back = sum(back, record.party);
  }
  return history.last_use_no - std::min(back, history.last_use_no);
}

void enter(History& history, const TapRecord& record, const HistoryScope& scope) {
  if (scope.zone && *scope.zone != record.zone) return;
  history.last_entry = instant_of(record);
  if (!has_left(record, scope)) history.inside = sum(history.inside, record.party);
  if (!record.use_no) return;
  if (scope.zone || record.terminal != scope.own_terminal)
    history.uses = sum(history.uses, record.party);
  history.last_use = history.last_entry;
  if (history.first_use) return;
  history.first_use = record.at;
  history.first_reader = record.reader;
}

}  // namespace

Instant instant_of(const TapRecord& record) {
  return {.at = record.at,
          .clock = record.clock,
          .clock_error = record.clock_error,
          .boot_id = record.boot_id,
          .monotonic_ns = record.monotonic_ns};
}

History history_of(std::span<const TapRecord> movements, const HistoryScope& scope) {
  std::vector<TapRecord> ordered(movements.begin(), movements.end());
  put_in_order(ordered);
  const std::set<TapId> taken_back = undone(ordered);
  History history;
  for (const TapRecord& record : ordered) {
    if (record.terminal == scope.own_terminal) note_own(history, record);
    if (!stands(record, taken_back)) continue;
    if (record.direction == Direction::entry) {
      enter(history, record, scope);
    } else if (!scope.zone || *scope.zone == record.zone) {
      history.inside -= std::min(history.inside, record.party);
    }
  }
  if (!scope.zone) history.uses = sum(history.uses, own_uses(history, ordered, taken_back, scope));
  return history;
}

}  // namespace passgate::gate
