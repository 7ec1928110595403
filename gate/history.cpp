// SPDX-License-Identifier: Apache-2.0
#include "gate/history.h"

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gate/merge_order.h"

namespace passgate::gate {
namespace {

/// This journal's, for which the terminal's name is left out: it may have had several.
bool is_own(const TapRecord& record) {
  return record.terminal.empty();
}

/// The admissions that their own terminal took back later.
class TakenBack {
 public:
  void note(const TapRecord& act) {
    if (act.kind == Kind::undo && act.refers) ids_.emplace(*act.refers, act.terminal);
  }
  bool contains(const TapRecord& record) const {
    return ids_.contains({record.tap_id, record.terminal});
  }

 private:
  std::set<std::pair<TapId, std::string_view>> ids_;
};

bool is_movement(const TapRecord& record) {
  return record.kind == Kind::tap || record.kind == Kind::override;
}

bool stands(const TapRecord& record, const TakenBack& taken_back) {
  return is_movement(record) && record.decision == Decision::admit && !taken_back.contains(record);
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
unsigned own_uses(const History& history, std::span<const TapRecord> records,
                  const TakenBack& taken_back) {
  unsigned back = 0;
  for (const TapRecord& record : records) {
    const bool own_use = is_own(record) && record.use_no;
    if (own_use && taken_back.contains(record)) back = sum(back, record.party);
  }
  return history.last_use_no - std::min(back, history.last_use_no);
}

/// What is known at some place in the order.
struct Fold {
  History history;
  std::vector<Placed> uses;
  std::vector<Placed> entries;
};

void enter(Fold& fold, const Placed& placed, const HistoryScope& scope) {
  const TapRecord& record = *placed.record;
  if (scope.zone && *scope.zone != record.zone) return;
  History& history = fold.history;
  keep_latest(fold.entries, placed);
  if (!has_left(record, scope)) history.inside = sum(history.inside, record.party);
  if (!record.use_no) return;
  keep_latest(fold.uses, placed);
  if (scope.zone || !is_own(record)) history.uses = sum(history.uses, record.party);
  if (history.first_use) return;
  history.first_use = record.at;
  history.first_reader = record.reader;
}

std::vector<TapRecord> together(const PassRecords& movements) {
  std::vector<TapRecord> all = movements.own;
  for (TapRecord& record : all) record.terminal.clear();
  all.insert(all.end(), movements.peers.begin(), movements.peers.end());
  return all;
}

}  // namespace

Instant instant_of(const TapRecord& record) {
  return {.at = record.at,
          .clock = record.clock,
          .clock_error = record.clock_error,
          .boot_id = record.boot_id,
          .monotonic_ns = record.monotonic_ns};
}

History history_of(const PassRecords& movements, const HistoryScope& scope) {
  const std::vector<TapRecord> all = together(movements);
  const std::vector<Placed> order = in_order(all);
  TakenBack taken_back;
  for (const Placed& placed : order) taken_back.note(*placed.record);
  Fold fold;
  History& history = fold.history;
  for (const Placed& placed : order) {
    const TapRecord& record = *placed.record;
    if (is_own(record)) note_own(history, record);
    if (!stands(record, taken_back)) continue;
    if (record.direction == Direction::entry) {
      enter(fold, placed, scope);
    } else if (!scope.zone || *scope.zone == record.zone) {
      history.inside -= std::min(history.inside, record.party);
    }
  }
  if (!scope.zone) history.uses = sum(history.uses, own_uses(history, all, taken_back));
  history.last_uses = instants_of(fold.uses);
  history.last_entries = instants_of(fold.entries);
  return history;
}

}  // namespace passgate::gate
