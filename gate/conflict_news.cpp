// SPDX-License-Identifier: Apache-2.0
#include "gate/conflict_news.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

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

std::map<FoundConflict, Told> told_in(std::span<const TapRecord> own) {
  std::vector<const TapRecord*> tellings;
  for (const TapRecord& record : own) {
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

/// What conflicts may be about.
class Subjects {
 public:
  explicit Subjects(const PassRecords& records) {
    for (const TapRecord& record : records.own) note(record, true);
    for (const TapRecord& record : records.peers) note(record, false);
  }
  const TapRecord* find(const TapId& tap) const {
    const auto found = records_.find(tap);
    return found == records_.end() ? nullptr : found->second;
  }
  bool is_own(const TapId& tap) const { return own_.contains(tap); }
  /// By its own terminal.
  bool is_taken_back(const TapRecord& record) const {
    return undone_.contains({record.tap_id, record.terminal});
  }

 private:
  void note(const TapRecord& record, bool own) {
    if (record.kind == Kind::conflict) return;
    records_.emplace(record.tap_id, &record);
    if (own) own_.insert(record.tap_id);
    if (record.kind == Kind::undo && record.refers)
      undone_.emplace(*record.refers, record.terminal);
  }

  std::map<TapId, const TapRecord*> records_;
  std::set<TapId> own_;
  std::set<std::pair<TapId, std::string_view>> undone_;
};

}  // namespace

std::vector<TapRecord> conflict_news(std::span<const FoundConflict> found,
                                     const PassRecords& records, bool revocation_known) {
  const Subjects known(records);
  std::map<FoundConflict, Told> told = told_in(records.own);
  std::vector<TapRecord> news;
  const std::set<FoundConflict> true_now(found.begin(), found.end());
  // Withdrawals first: who keeps one conflict a tap has what stands in the end.
  for (const auto& [conflict, state] : told) {
    if (!state.stands || true_now.contains(conflict)) continue;
    const TapRecord* about = known.find(conflict.tap);
    if (about == nullptr) continue;
    if (conflict.against && known.find(*conflict.against) == nullptr) continue;
    const bool unknown = is_of_a_revocation(conflict) && !revocation_known;
    if (unknown && !known.is_taken_back(*about)) continue;
    news.push_back(conflict_record(conflict, *about, true, state.withdrawals));
  }
  for (const FoundConflict& conflict : true_now) {
    const TapRecord* about = known.find(conflict.tap);
    const Told before = told[conflict];
    if (about == nullptr || before.stands) continue;
    if (is_of_a_revocation(conflict) && !known.is_own(conflict.tap)) continue;
    news.push_back(conflict_record(conflict, *about, false, before.withdrawals));
  }
  return news;
}

}  // namespace passgate::gate
