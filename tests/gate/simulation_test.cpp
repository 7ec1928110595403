// SPDX-License-Identifier: Apache-2.0
#include "gate/simulation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/gate/simulated_terminal.h"
#include "tests/rig/property.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

Simulation under(const PassPolicy& policy) {
  return Simulation({.passes = {{"season-ticket", policy}}, .zones = {}});
}

/// What a simulation makes of the second of two taps, the first an admission.
SimulatedTap second(const PassPolicy& policy, const TapRecord& tap) {
  Simulation simulation = under(policy);
  simulation.next(gate::tap(1, "p", 1));
  return simulation.next(tap);
}

TEST(SimulationTest, KeepsWhatOnlyACloudOrAPhoneKnew) {
  for (const Reason reason : {Reason::unknown, Reason::voided, Reason::expired, Reason::replayed,
                              Reason::stale_cache, Reason::undecryptable, Reason::out_of_order}) {
    TapRecord refused = tap(2, "p", std::nullopt);
    refused.reason = reason;
    EXPECT_EQ(second({.uses = std::nullopt}, refused).kind, Simulated::kept) << name(reason);
  }
}

TEST(SimulationTest, KeepsAUseThatOnlyTheCloudKnew) {
  Simulation simulation = under({.uses = 2});
  EXPECT_EQ(simulation.next(tap(1, "p", std::nullopt)).kind, Simulated::kept);
  EXPECT_TRUE(second({.uses = 2}, tap(2, "p", std::nullopt)).differs);
}

TEST(SimulationTest, LeavesPassesAloneThatTheRulesDoNotName) {
  TapRecord other = tap(2, "p", 2);
  other.pass = "day-ticket";
  EXPECT_EQ(second({}, other).kind, Simulated::other_pass);
}

TEST(SimulationTest, TakesBackWhatWasUndone) {
  Simulation simulation = under({.uses = 1});
  simulation.next(tap(1, "p", 1));
  TapRecord undo = tap(2, "p", std::nullopt);
  undo.kind = Kind::undo;
  undo.refers = tap_id(1);
  EXPECT_EQ(simulation.next(undo).kind, Simulated::applied);
  const SimulatedTap again = simulation.next(tap(3, "p", 2));
  EXPECT_FALSE(again.differs);
  EXPECT_EQ(again.verdict.use_no, 2U);
}

TEST(SimulationTest, CountsAnOverrideUnlessTheRulesAdmitAnyway) {
  TapRecord override = tap(3, "p", 2);
  override.kind = Kind::override;
  override.refers = tap_id(2);
  for (const unsigned uses : {1U, 2U}) {
    Simulation simulation = under({.uses = uses});
    simulation.next(tap(1, "p", 1));
    EXPECT_EQ(simulation.next(tap(2, "p", std::nullopt)).differs, uses == 2);
    EXPECT_EQ(simulation.next(override).kind, uses == 1 ? Simulated::applied : Simulated::moot);
    EXPECT_EQ(simulation.next(tap(4, "p", 3)).verdict.decision, Decision::deny);
  }
}

/// A room for one that is emptied at four in the morning, 03:00 UTC.
Simulation in_a_room() {
  SimulatedRules rules{.passes = {{"season-ticket", {}}}, .zones = {}};
  rules.zones["north"] = {
      .capacity = 1, .calendar = LocalCalendar::of("Europe/Berlin"), .empties_at = 4h};
  return Simulation(std::move(rules));
}

TEST(SimulationTest, CountsPeopleInAZoneUntilItIsEmptied) {
  Simulation simulation = in_a_room();
  EXPECT_FALSE(simulation.next(tap(1, "p", 1)).differs);
  EXPECT_EQ(simulation.next(tap(2, "q", 1)).verdict.reason, Reason::capacity);
  TapRecord next_day = tap(3, "r", 1);
  next_day.at += 24h;
  EXPECT_FALSE(simulation.next(next_day).differs);
}

/// An admission of somebody else every time, `after` the evening.
TapRecord guest(std::uint64_t n, Milliseconds after) {
  TapRecord record = tap(n, "guest " + std::to_string(n), 1);
  record.at = evening() + after;
  return record;
}

TEST(SimulationTest, EmptiesAZoneAtTheHourAfterAClockAYearAheadIsCorrected) {
  Simulation simulation = in_a_room();
  EXPECT_FALSE(simulation.next(guest(1, std::chrono::days(365))).differs);
  EXPECT_EQ(simulation.next(guest(2, 1min)).verdict.reason, Reason::capacity) << "nobody left";
  EXPECT_FALSE(simulation.next(guest(3, 24h)).differs);
}

TEST(SimulationTest, LosesNobodyWhenAClockIsSetBackAcrossTheEmptyingHour) {
  Simulation simulation = in_a_room();
  EXPECT_FALSE(simulation.next(guest(1, 8h + 10min)).differs);
  EXPECT_EQ(simulation.next(guest(2, 7h + 20min)).verdict.reason, Reason::capacity);
  EXPECT_EQ(simulation.next(guest(3, 8h + 20min)).verdict.reason, Reason::capacity);
}

TEST(SimulationTest, LosesNobodyByAClockThatIsNotSet) {
  Simulation simulation = in_a_room();
  EXPECT_FALSE(simulation.next(guest(1, 1min)).differs);
  TapRecord dateless = guest(2, -std::chrono::days(20'000));
  dateless.clock = ClockState::unset;
  simulation.next(dateless);
  EXPECT_EQ(simulation.next(guest(3, 2min)).verdict.reason, Reason::capacity);
}

// Whoever judges a past by the rules it was made under, with the same history, is of the same mind.
TEST(SimulationProperty, TheRulesOfThePastChangeNothing) {
  check_property("a terminal's records differ nowhere under its policy", [] {
    SimulatedTerminal gate(evening());
    gate.policy.uses = *rc::gen::inRange(1U, 4U);
    gate.policy.reentry = static_cast<Reentry>(*rc::gen::inRange(0, 3));
    gate.policy.passback = std::chrono::minutes(*rc::gen::inRange(0, 30));
    gate.policy.max_party = 2;
    Simulation simulation = under(gate.policy);
    const int taps = *rc::gen::inRange(1, 10);
    for (int i = 0; i < taps; ++i) {
      gate.wait(std::chrono::minutes(*rc::gen::inRange(0, 60)));
      const bool undo = *rc::gen::weightedElement<bool>({{5, false}, {1, true}});
      if (undo && !gate.records().empty() && gate.records().back().kind == Kind::tap) {
        gate.undo(TapRecord(gate.records().back()));
      } else {
        const auto direction = static_cast<Direction>(*rc::gen::inRange(0, 2));
        const Verdict verdict = gate.present(direction, *rc::gen::inRange(1U, 3U));
        if (verdict.decision == Decision::deny) continue;
      }
      RC_ASSERT(!simulation.next(gate.records().back()).differs);
    }
  });
}

}  // namespace
}  // namespace passgate::gate
