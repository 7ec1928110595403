// SPDX-License-Identifier: Apache-2.0
#include "gate/conflict_news.h"

#include <algorithm>
#include <map>
#include <set>

namespace passgate::gate {
namespace {

/// What became of one conflict so far.
struct Told {
  bool stands = false;
  unsigned withdrawals = 0;
};

FoundConflict told_by(const TapRecord& record) {
  return {.tap = record.refers.value_or(TapId()),
          .kind = record.conflict.value_or(Conflict::duplicate_offline),
          .against = record.against,
          .order_certain = record.order_certain};
}

std::map<FoundConflict, Told> told_in(std::span<const TapRecord> records) {
  std::vector<const TapRecord*> tellings;
  for (const TapRecord& record : records) {
    if (record.kind == Kind::conflict) tellings.push_back(&record);
  }
  std::ranges::sort(tellings, {}, &TapRecord::position);
  std::map<FoundConflict, Told> told;
  for (const TapRecord* telling : tellings) {
    Told& of = told[told_by(*telling)];
    of.stands = telling->flag != Flag::withdrawn;
    of.withdrawals += of.stands ? 0 : 1;
  }
  return told;
}

bool is_of_a_revocation(const FoundConflict& conflict) {
  return conflict.kind == Conflict::after_revocation || conflict.kind == Conflict::race;
}

}  // namespace

std::vector<TapRecord> conflict_news(std::span<const FoundConflict> found,
                                     std::span<const TapRecord> records, const NewsScope& scope) {
  std::map<TapId, const TapRecord*> by_id;
  std::set<TapId> taken_back;
  for (const TapRecord& record : records) {
    if (record.kind == Kind::conflict) continue;
    by_id.emplace(record.tap_id, &record);
    if (record.kind == Kind::undo && record.refers) taken_back.insert(*record.refers);
  }
  std::map<FoundConflict, Told> told = told_in(records);
  std::vector<TapRecord> news;
  const std::set<FoundConflict> true_now(found.begin(), found.end());
  // Withdrawals first: who keeps one conflict a tap has what stands in the end.
  for (const auto& [conflict, state] : told) {
    if (!state.stands || true_now.contains(conflict)) continue;
    const auto about = by_id.find(conflict.tap);
    if (about == by_id.end()) continue;
    if (conflict.against && !by_id.contains(*conflict.against)) continue;
    const bool unknown = is_of_a_revocation(conflict) && !scope.revocation_known;
    if (unknown && !taken_back.contains(conflict.tap)) continue;
    news.push_back(conflict_record(conflict, *about->second, true, state.withdrawals));
  }
  for (const FoundConflict& conflict : true_now) {
    const auto about = by_id.find(conflict.tap);
    const Told before = told[conflict];
    if (about == by_id.end() || before.stands) continue;
    if (is_of_a_revocation(conflict) && about->second->terminal != scope.own_terminal) continue;
    news.push_back(conflict_record(conflict, *about->second, false, before.withdrawals));
  }
  return news;
}

}  // namespace passgate::gate
