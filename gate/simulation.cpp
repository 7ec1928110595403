// SPDX-License-Identifier: Apache-2.0
#include "gate/simulation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "gate/latest_emptying.h"
#include "gate/recorded_presentation.h"
#include "gate/simulated_past.h"

namespace passgate::gate {
namespace {

/// What the rules decide by what the journal holds. All other reasons are a
/// cloud's word, a cryptogram's, a clock's, or a fault of the terminal.
bool is_by_rules(Reason reason) {
  switch (reason) {
    case Reason::ok:
    case Reason::revoked:
    case Reason::blocked:
    case Reason::wrong_gate:
    case Reason::direction:
    case Reason::rule:
    case Reason::passback:
    case Reason::already_redeemed:
    case Reason::uses_exhausted:
    case Reason::capacity: return true;
    default: return false;
  }
}

bool differ(const TapRecord& record, const Verdict& verdict) {
  return record.decision != verdict.decision || record.reason != verdict.reason ||
         record.party != verdict.party || record.use_no.has_value() != verdict.use_no.has_value();
}

/// `tap` as it would have been recorded.
TapRecord would_be(const TapRecord& tap, const Verdict& verdict) {
  TapRecord record = tap;
  record.decision = verdict.decision;
  record.reason = verdict.reason;
  record.use_no = verdict.use_no;
  record.party = verdict.party;
  return record;
}

/// Who is in a zone of a terminal.
struct Presence {
  unsigned inside = 0;
  std::optional<WallTime> emptied_at;
};

}  // namespace

struct Simulation::Past {
  SimulatedRules rules;
  SimulatedPast movements;
  std::map<std::pair<std::string, std::string>, Presence> zones;  ///< By terminal and zone.

  const PassPolicy* policy(const TapRecord& record) const;
  const ZoneRules* zone(const TapRecord& record) const;
  Presence& presence(const TapRecord& record);
  HistoryScope scope(const TapRecord& record, const PassPolicy& policy);
  Verdict judge(const TapRecord& tap, const PassPolicy& policy, const History& history);
  void move(SimulatedPast::Pass& pass, const TapRecord& movement);

  SimulatedTap tap(const TapRecord& record);
  SimulatedTap override(const TapRecord& record);
  SimulatedTap undo(const TapRecord& record);
};

const PassPolicy* Simulation::Past::policy(const TapRecord& record) const {
  const auto found = rules.passes.find(record.pass);
  return found == rules.passes.end() ? nullptr : &found->second;
}

const ZoneRules* Simulation::Past::zone(const TapRecord& record) const {
  const auto found = rules.zones.find(record.zone);
  return found == rules.zones.end() ? nullptr : &found->second;
}

/// Emptied, if its hour has come since somebody last asked.
Presence& Simulation::Past::presence(const TapRecord& record) {
  Presence& presence = zones[{record.terminal, record.zone}];
  const ZoneRules* zone_rules = zone(record);
  const bool knows = zone_rules != nullptr && zone_rules->calendar;
  if (!knows || record.clock == ClockState::unset) return presence;
  const WallTime emptied = zone_rules->calendar->last(zone_rules->empties_at, record.at);
  if (presence.emptied_at && *presence.emptied_at > latest_emptying(record.at)) {
    presence.emptied_at = emptied;  // As the journal: who is inside stays until then.
  } else if (!presence.emptied_at || *presence.emptied_at < emptied) {
    presence = {.inside = 0, .emptied_at = emptied};
  }
  return presence;
}

HistoryScope Simulation::Past::scope(const TapRecord& record, const PassPolicy& policy) {
  return {.zone = policy.uses_per_zone ? std::optional(record.zone) : std::nullopt,
          .emptied_at = presence(record).emptied_at};
}

Verdict Simulation::Past::judge(const TapRecord& tap, const PassPolicy& policy,
                                const History& history) {
  const ZoneRules* zone_rules = zone(tap);
  const unsigned inside = presence(tap).inside;
  Presentation at = presentation_of(tap);
  if (zone_rules != nullptr && zone_rules->capacity) {
    at.room = *zone_rules->capacity - std::min(inside, *zone_rules->capacity);
  }
  // It was fresh, or it would have been refused for that.
  if (tap.wallet == Wallet::apple) at.stamped_at = tap.at;
  return decide(policy, at, {.knowledge = Belief::Knowledge::no_provider}, history);
}

void Simulation::Past::move(SimulatedPast::Pass& pass, const TapRecord& movement) {
  Presence& zone_now = presence(movement);
  const bool in = (movement.direction == Direction::entry) != (movement.kind == Kind::undo);
  if (in) {
    const unsigned room = std::numeric_limits<unsigned>::max() - zone_now.inside;
    zone_now.inside += std::min(room, movement.party);
  } else {
    zone_now.inside -= std::min(zone_now.inside, movement.party);
  }
  movements.add(pass, movement);
}

SimulatedTap Simulation::Past::tap(const TapRecord& record) {
  SimulatedPast::Pass& pass = movements.pass(record);
  // Without a use in the records, it was a cloud that knew of one.
  const bool by_cloud = record.reason == Reason::already_redeemed && !pass.used;
  if (record.decision == Decision::admit && record.use_no) pass.used = true;
  if (record.decision == Decision::read) return {.kind = Simulated::no_matter, .verdict = {}};
  const PassPolicy* rule = policy(record);
  if (rule == nullptr) return {.kind = Simulated::other_pass, .verdict = {}};
  if (!is_by_rules(record.reason) || by_cloud) return {.kind = Simulated::kept, .verdict = {}};
  const History history =
      history_of(movements.movements(pass, record.terminal), scope(record, *rule));
  const Verdict verdict = judge(record, *rule, history);
  if (verdict.decision == Decision::admit) move(pass, would_be(record, verdict));
  return {.kind = Simulated::judged, .verdict = verdict, .differs = differ(record, verdict)};
}

/// A person let somebody in whom the rules refused: as that person decided, unless
/// these rules let the guest in anyway.
SimulatedTap Simulation::Past::override(const TapRecord& record) {
  SimulatedPast::Pass& pass = movements.pass(record);
  pass.used = true;
  const PassPolicy* rule = policy(record);
  if (rule == nullptr) return {.kind = Simulated::other_pass, .verdict = {}};
  if (record.refers && movements.standing(pass, *record.refers)) {
    return {.kind = Simulated::moot, .verdict = {}};
  }
  const History history =
      history_of(movements.movements(pass, record.terminal), scope(record, *rule));
  TapRecord movement = record;
  if (movement.use_no) movement.use_no = history.last_use_no + 1;
  move(pass, movement);
  return {.kind = Simulated::applied, .verdict = {}};
}

SimulatedTap Simulation::Past::undo(const TapRecord& record) {
  SimulatedPast::Pass& pass = movements.pass(record);
  if (policy(record) == nullptr) return {.kind = Simulated::other_pass, .verdict = {}};
  const auto undone = record.refers ? movements.standing(pass, *record.refers) : std::nullopt;
  if (!undone) return {.kind = Simulated::moot, .verdict = {}};
  TapRecord movement = record;
  movement.party = undone->party;
  movement.direction = undone->direction;
  // Who came before the zone was emptied is counted no more.
  const bool counted = !presence(record).emptied_at || undone->at >= *presence(record).emptied_at;
  counted ? move(pass, movement) : movements.add(pass, movement);
  return {.kind = Simulated::applied, .verdict = {}};
}

Simulation::Simulation(SimulatedRules rules) : past_(std::make_unique<Past>()) {
  past_->rules = std::move(rules);
}
Simulation::Simulation(Simulation&&) noexcept = default;
Simulation& Simulation::operator=(Simulation&&) noexcept = default;
Simulation::~Simulation() = default;

SimulatedTap Simulation::next(const TapRecord& record) {
  switch (record.kind) {
    case Kind::tap: return past_->tap(record);
    case Kind::override: return past_->override(record);
    case Kind::undo: return past_->undo(record);
    case Kind::conflict: return {.kind = Simulated::no_matter, .verdict = {}};
  }
  return {.kind = Simulated::no_matter, .verdict = {}};
}

}  // namespace passgate::gate
