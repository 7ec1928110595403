// SPDX-License-Identifier: Apache-2.0
#include "gate/history.h"

#include <algorithm>
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

void note_own(History& history, const TapRecord& record) {
  history.seen_until = std::max(history.seen_until, record.position);
  if (record.kind == Kind::undo || !record.use_no) return;
  history.last_use_no = std::max(history.last_use_no, *record.use_no + record.party - 1);
}

/// Own uses by their number, so that those whose record was deleted with age
/// still count; but for the ones taken back.
unsigned own_uses(const History& history, std::span<const TapRecord> movements,
                  const std::set<TapId>& taken_back, const HistoryScope& scope) {
  unsigned back = 0;
  for (const TapRecord& record : movements) {
    const bool own_use = record.terminal == scope.own_terminal && record.use_no;
    if (own_use && taken_back.contains(record.tap_id)) back += record.party;
  }
  return history.last_use_no - std::min(back, history.last_use_no);
}

void enter(History& history, const TapRecord& record, const HistoryScope& scope) {
  if (scope.zone && *scope.zone != record.zone) return;
  history.last_entry = instant_of(record);
  if (!scope.emptied_at || record.at >= *scope.emptied_at) history.inside += record.party;
  if (!record.use_no) return;
  if (scope.zone || record.terminal != scope.own_terminal) history.uses += record.party;
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
    const bool stands = record.kind != Kind::undo && record.decision == Decision::admit &&
                        !taken_back.contains(record.tap_id);
    if (!stands) continue;
    if (record.direction == Direction::entry) {
      enter(history, record, scope);
    } else if (!scope.zone || *scope.zone == record.zone) {
      history.inside -= std::min(history.inside, record.party);
    }
  }
  if (!scope.zone) history.uses += own_uses(history, ordered, taken_back, scope);
  return history;
}

}  // namespace passgate::gate
