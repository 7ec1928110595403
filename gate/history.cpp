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

/// A movement, and whether it is of this journal.
struct Known {
  const TapRecord& record;
  bool own;
};

/// Who wrote a record; empty: this journal.
std::string_view writer(const Known& known) {
  return known.own ? std::string_view() : known.record.terminal;
}

/// The admissions that their own terminal took back later.
class TakenBack {
 public:
  void note(const Known& known) {
    const TapRecord& act = known.record;
    if (act.kind == Kind::undo && act.refers) ids_.emplace(*act.refers, writer(known));
  }
  bool contains(const Known& known) const {
    return ids_.contains({known.record.tap_id, writer(known)});
  }

 private:
  std::set<std::pair<TapId, std::string_view>> ids_;
};

bool is_movement(const TapRecord& record) {
  return record.kind == Kind::tap || record.kind == Kind::override;
}

bool stands(const Known& known, const TakenBack& taken_back) {
  return is_movement(known.record) && known.record.decision == Decision::admit &&
         !taken_back.contains(known);
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
unsigned own_uses(const History& history, std::span<const TapRecord> own,
                  const TakenBack& taken_back) {
  unsigned back = 0;
  for (const TapRecord& record : own) {
    if (record.use_no && taken_back.contains({record, true})) back = sum(back, record.party);
  }
  return history.last_use_no - std::min(back, history.last_use_no);
}

void enter(History& history, const Known& known, const HistoryScope& scope) {
  const TapRecord& record = known.record;
  if (scope.zone && *scope.zone != record.zone) return;
  history.last_entries[record.terminal] = instant_of(record);
  if (!has_left(record, scope)) history.inside = sum(history.inside, record.party);
  if (!record.use_no) return;
  if (scope.zone || !known.own) history.uses = sum(history.uses, record.party);
  history.last_uses[record.terminal] = instant_of(record);
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

History history_of(const PassRecords& movements, const HistoryScope& scope) {
  std::vector<TapRecord> all = movements.own;
  all.insert(all.end(), movements.peers.begin(), movements.peers.end());
  const TapRecord* const first_peer = all.data() + movements.own.size();
  const std::vector<Placed> order = in_order(all);
  const auto known = [&](const Placed& placed) {
    return Known{*placed.record, placed.record < first_peer};
  };
  TakenBack taken_back;
  for (const Placed& placed : order) taken_back.note(known(placed));
  History history;
  for (const Placed& placed : order) {
    const TapRecord& record = *placed.record;
    if (known(placed).own) note_own(history, record);
    if (!stands(known(placed), taken_back)) continue;
    if (record.direction == Direction::entry) {
      enter(history, known(placed), scope);
    } else if (!scope.zone || *scope.zone == record.zone) {
      history.inside -= std::min(history.inside, record.party);
    }
  }
  if (!scope.zone) {
    history.uses = sum(history.uses, own_uses(history, movements.own, taken_back));
  }
  return history;
}

}  // namespace passgate::gate
