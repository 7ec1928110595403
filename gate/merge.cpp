// SPDX-License-Identifier: Apache-2.0
#include "gate/merge.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "gate/merge_order.h"
#include "gate/recorded_presentation.h"

namespace passgate::gate {
namespace {

using TapIds = std::set<TapId>;

/// The rules that a set of records can be judged by. Where a pass may be used and
/// what its cloud says was judged at the gate, and the set has no opinion of it.
PassPolicy rules_of_the_set(const PassPolicy& policy) {
  PassPolicy rules;
  rules.uses = policy.uses;
  rules.uses_per_zone = policy.uses_per_zone;
  rules.reentry = policy.reentry;
  rules.reentry_within = policy.reentry_within;
  rules.passback = policy.passback;
  rules.once_per_day = policy.once_per_day;
  rules.max_party = std::numeric_limits<unsigned>::max();
  rules.max_skew = std::chrono::seconds(0);
  return rules;
}

bool is_entry(const TapRecord& record) {
  return record.kind != Kind::undo && record.decision == Decision::admit &&
         record.direction == Direction::entry;
}
bool is_exit(const TapRecord& record) {
  return record.kind != Kind::undo && record.decision == Decision::admit &&
         record.direction == Direction::exit;
}

/// What one terminal that saw all of it would know of a pass at some moment: in one
/// zone, or in all of them where uses are not counted by zone.
class Course {
 public:
  Verdict judge(const PassPolicy& rules, const EmptyingHours& hours, const TapRecord& record) {
    const auto zone = hours.find(record.zone);
    if (zone != hours.end()) empty(zone->second.calendar.last(zone->second.hour, record.at));
    return decide(rules, presentation_of(record), {.knowledge = Belief::Knowledge::no_provider},
                  history_);
  }

  /// Somebody went in; `verdict` says by what right, if any.
  void enter(const Placed& placed, const Verdict& verdict) {
    const TapRecord& record = *placed.record;
    moves_.push_back(move_of(record, true));
    history_.inside += record.party;
    keep_latest(entries_, placed);
    history_.last_entries = instants_of(entries_);
    last_entry_ = placed;
    const bool came_back = verdict.decision == Decision::admit && !verdict.use_no;
    if (came_back) return;
    history_.uses += record.party;
    history_.last_use_no = history_.uses;
    keep_latest(uses_, placed);
    history_.last_uses = instants_of(uses_);
    if (verdict.decision == Decision::admit) last_use_ = placed;
  }
  void leave(const TapRecord& record) {
    moves_.push_back(move_of(record, false));
    history_.inside -= std::min(history_.inside, record.party);
  }

  bool used() const { return history_.uses > 0; }
  /// The admission that a refused one would have come too late for.
  const std::optional<Placed>& before(Reason refused) const {
    const auto& other = refused == Reason::passback ? last_entry_ : last_use_;
    return other ? other : last_entry_;
  }

 private:
  struct Move {
    WallTime at;
    bool dated;  ///< False: by a clock that was certainly wrong.
    unsigned people;
    bool in;
  };
  static Move move_of(const TapRecord& record, bool in) {
    return {record.at, record.clock != ClockState::unset, record.party, in};
  }

  /// Who entered before `moment` has left; as history_of() has it.
  void empty(WallTime moment) {
    if (moment <= emptied_) return;
    emptied_ = moment;
    std::erase_if(moves_, [&](const Move& move) { return move.dated && move.at < moment; });
    history_.inside = 0;
    for (const Move& move : moves_) {
      history_.inside += move.in ? move.people : 0;
      if (!move.in) history_.inside -= std::min(history_.inside, move.people);
    }
  }

  History history_;
  std::vector<Placed> uses_;
  std::vector<Placed> entries_;
  std::optional<Placed> last_use_;  ///< Of those that were covered.
  std::optional<Placed> last_entry_;
  std::vector<Move> moves_;  ///< Since it was last emptied.
  WallTime emptied_ = WallTime::min();
};

/// Runs through the records in their order.
class Replay {
 public:
  Replay(const PassPolicy& policy, const EmptyingHours& hours)
      : rules_(rules_of_the_set(policy)), hours_(hours), partial_party_(policy.partial_party) {}

  /// An admission. Of a party that is too large the first count: whoever came
  /// first is covered.
  Verdict judge_admission(const TapRecord& record) {
    rules_.partial_party = true;
    return course_of(record).judge(rules_, hours_, record);
  }
  /// An operator's: covered, whatever the rules say.
  void admit_overridden(const Placed& placed) {
    course_of(*placed.record)
        .enter(
            placed,
            {.decision = Decision::admit, .reason = Reason::ok, .use_no = placed.record->use_no});
  }
  void leave(const TapRecord& record) { course_of(record).leave(record); }
  Verdict judge_refusal(const TapRecord& record) {
    rules_.partial_party = partial_party_;
    return course_of(record).judge(rules_, hours_, record);
  }
  Course& course_of(const TapRecord& record) {
    return courses_[rules_.uses_per_zone ? record.zone : std::string()];
  }

  /// Whatever moved people, but for what was taken back.
  void take(const Placed& placed, const TapIds& taken_back) {
    const TapRecord& record = *placed.record;
    if (taken_back.contains(record.tap_id)) return;
    if (is_exit(record)) return leave(record);
    if (!is_entry(record)) return;
    if (record.kind == Kind::override) return admit_overridden(placed);
    course_of(record).enter(placed, judge_admission(record));
  }

 private:
  PassPolicy rules_;
  const EmptyingHours& hours_;
  bool partial_party_;
  std::map<std::string, Course> courses_;  ///< By zone, or one.
};

bool may_be_wrong(const TapRecord& record) {
  if (record.kind != Kind::tap || record.decision != Decision::deny) return false;
  if (record.direction != Direction::entry) return false;
  return record.reason == Reason::already_redeemed || record.reason == Reason::uses_exhausted ||
         record.reason == Reason::passback;
}

/// Whether a refusal's place among what moved people is beyond doubt.
bool is_placed_surely(const Placed& refusal, std::span<const Placed> order) {
  return std::ranges::all_of(order, [&](const Placed& other) {
    const bool moved =
        other.record->kind == Kind::undo || is_entry(*other.record) || is_exit(*other.record);
    return !moved || surely_before(other, refusal) || surely_before(refusal, other);
  });
}

/// The refusals that the whole set would have admitted where they stand. An act
/// counts from its own place on: before it, what it took back was a use.
void find_wrongly_refused(const PassPolicy& policy, const EmptyingHours& hours,
                          std::span<const Placed> order, const TapIds& cured, Merged& merged) {
  std::optional<Replay> replay(std::in_place, policy, hours);
  TapIds taken_back;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const TapRecord& record = *order[place].record;
    if (record.kind == Kind::undo && record.refers) {
      taken_back.insert(*record.refers);
      replay.emplace(policy, hours);
      for (const Placed& earlier : order.first(place)) replay->take(earlier, taken_back);
    } else if (may_be_wrong(record) && !cured.contains(record.tap_id)) {
      // Where the set shows no use at all, it was the cloud that knew of one.
      const bool used = !taken_back.empty() || replay->course_of(record).used();
      if (!used || replay->judge_refusal(record).decision != Decision::admit) continue;
      merged.conflicts.push_back({.tap = record.tap_id,
                                  .kind = Conflict::wrongly_refused,
                                  .against = {},
                                  .order_certain = is_placed_surely(order[place], order)});
    } else {
      replay->take(order[place], taken_back);
    }
  }
}

void judge_admission(const Placed& placed, Replay& replay, Merged& merged) {
  const TapRecord& record = *placed.record;
  const Verdict verdict = replay.judge_admission(record);
  Course& course = replay.course_of(record);
  const std::optional<Placed> against = course.before(verdict.reason);
  course.enter(placed, verdict);
  const unsigned covered =
      verdict.decision == Decision::admit ? std::min(verdict.party, record.party) : 0;
  merged.entitled += covered;
  if (covered == record.party) return;
  merged.conflicts.push_back(
      {.tap = record.tap_id,
       .kind = Conflict::duplicate_offline,
       .against = against ? std::optional(against->record->tap_id) : std::nullopt,
       .order_certain = against && surely_before(*against, placed)});
}

void judge_revoked(const Placed& placed, const Revocation& revocation, Merged& merged) {
  if (placed.latest < revocation.earliest) return;
  const bool after = placed.earliest > revocation.latest;
  merged.conflicts.push_back({.tap = placed.record->tap_id,
                              .kind = after ? Conflict::after_revocation : Conflict::race,
                              .against = {},
                              .order_certain = after});
}

/// Which terminal wrote what.
using Written = std::set<std::pair<TapId, std::string_view>>;

Written written_in(std::span<const Placed> order) {
  Written written;
  for (const Placed& placed : order) {
    written.emplace(placed.record->tap_id, placed.record->terminal);
  }
  return written;
}

/// A terminal acts on what it wrote itself; what one says of another's is not heard.
bool is_on_its_own(const TapRecord& act, const Written& written) {
  return act.refers && written.contains({*act.refers, act.terminal});
}

/// What acts of `kind` refer to, without acts that were themselves taken back.
TapIds referred(std::span<const Placed> order, Kind kind, const Written& written,
                const TapIds& taken_back) {
  TapIds ids;
  for (const Placed& placed : order) {
    const TapRecord& act = *placed.record;
    const bool counts = act.kind == kind && is_on_its_own(act, written);
    if (counts && !taken_back.contains(act.tap_id)) ids.insert(*act.refers);
  }
  return ids;
}

}  // namespace

Merged merge(const PassPolicy& policy, const EmptyingHours& hours,
             std::span<const TapRecord> records, const std::optional<Revocation>& revocation) {
  std::vector<Placed> order = in_order(records);
  const Written written = written_in(order);
  std::erase_if(order, [&](const Placed& placed) {
    return placed.record->kind == Kind::undo && !is_on_its_own(*placed.record, written);
  });
  const TapIds taken_back = referred(order, Kind::undo, written, {});
  const TapIds cured = referred(order, Kind::override, written, taken_back);
  Merged merged;
  Replay replay(policy, hours);
  for (const Placed& placed : order) {
    const TapRecord& record = *placed.record;
    if (!is_entry(record) || taken_back.contains(record.tap_id)) {
      replay.take(placed, taken_back);
      continue;
    }
    merged.admitted += record.party;
    if (record.kind == Kind::override) {
      merged.entitled += record.party;
      replay.admit_overridden(placed);
      continue;
    }
    judge_admission(placed, replay, merged);
    if (revocation) judge_revoked(placed, *revocation, merged);
  }
  find_wrongly_refused(policy, hours, order, cured, merged);
  std::ranges::sort(merged.conflicts);
  return merged;
}

}  // namespace passgate::gate
