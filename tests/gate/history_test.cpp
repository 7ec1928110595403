// SPDX-License-Identifier: Apache-2.0
#include "gate/history.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "tests/gate/sample_taps.h"
#include "tests/rig/property.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

const HistoryScope kHere{.own_terminal = "gate-a1", .zone = {}, .emptied_at = {}};

TapRecord entry(std::uint64_t n, unsigned use_no, unsigned party = 1) {
  TapRecord record = tap(n, "p", use_no);
  record.position = n;
  record.party = party;
  return record;
}
TapRecord leaving(std::uint64_t n, unsigned party = 1) {
  TapRecord record = entry(n, 1, party);
  record.use_no.reset();
  record.direction = Direction::exit;
  return record;
}
TapRecord undo_of(std::uint64_t n, const TapRecord& admission) {
  TapRecord record = tap(n, "p", std::nullopt);
  record.position = n;
  record.kind = Kind::undo;
  record.refers = admission.tap_id;
  return record;
}

TEST(HistoryTest, CountsUsesAndPeople) {
  const std::vector<TapRecord> past = {entry(1, 1, 3), leaving(2, 2)};
  const History history = history_of(past, kHere);
  EXPECT_EQ(history.uses, 3U);
  EXPECT_EQ(history.last_use_no, 3U);
  EXPECT_EQ(history.inside, 1U);
  EXPECT_EQ(history.seen_until, 2U);
}

TEST(HistoryTest, LowersTheCountOfAnUndoneUseAndKeepsItsNumber) {
  const std::vector<TapRecord> past = {entry(1, 1), entry(2, 2), undo_of(3, entry(2, 2))};
  const History history = history_of(past, kHere);
  EXPECT_EQ(history.uses, 1U);
  EXPECT_EQ(history.last_use_no, 2U);
  EXPECT_EQ(history.inside, 1U);
  EXPECT_EQ(history.last_use->at, entry(1, 1).at);
}

TEST(HistoryTest, PutsWhoseExitIsUndoneInsideAgain) {
  const std::vector<TapRecord> past = {entry(1, 1), leaving(2), undo_of(3, leaving(2))};
  EXPECT_EQ(history_of(past, kHere).inside, 1U);
}

TEST(HistoryTest, KnowsWhoComesBackFromWhoHasAUse) {
  TapRecord back = entry(3, 1);
  back.use_no.reset();
  const std::vector<TapRecord> past = {entry(1, 1), leaving(2), back};
  const History history = history_of(past, kHere);
  EXPECT_EQ(history.uses, 1U);
  EXPECT_EQ(history.inside, 1U);
  EXPECT_EQ(history.last_use->at, entry(1, 1).at);
  EXPECT_EQ(history.last_entry->at, back.at);
}

TEST(HistoryTest, LetsEverybodyOutWhenTheZoneIsEmptied) {
  HistoryScope later = kHere;
  later.emptied_at = entry(2, 2).at;
  std::vector<TapRecord> past = {entry(1, 1), entry(2, 2)};
  EXPECT_EQ(history_of(past, later).inside, 1U);
  past[0].clock = ClockState::unset;  // It does not know that it was before.
  EXPECT_EQ(history_of(past, later).inside, 2U);
}

TEST(HistoryTest, CountsOtherTerminalsButNotTheirNumbers) {
  TapRecord peer = entry(7, 5);
  peer.terminal = "gate-b2";
  const std::vector<TapRecord> past = {entry(1, 1), peer};
  const History history = history_of(past, kHere);
  EXPECT_EQ(history.uses, 2U);
  EXPECT_EQ(history.last_use_no, 1U);
  EXPECT_EQ(history.seen_until, 1U);
}

TEST(HistoryTest, LooksAtOneZoneOnlyIfUsesCountThere) {
  TapRecord south = entry(2, 2);
  south.zone = "south";
  HistoryScope scope = kHere;
  scope.zone = "south";
  const std::vector<TapRecord> past = {entry(1, 1), south};
  const History history = history_of(past, scope);
  EXPECT_EQ(history.uses, 1U);
  EXPECT_EQ(history.last_use_no, 2U);
  EXPECT_EQ(history.inside, 1U);
}

TEST(HistoryTest, TakesNoConflictForAnEntry) {
  TapRecord told = entry(2, 2);
  told.kind = Kind::conflict;
  const std::vector<TapRecord> past = {entry(1, 1), told};
  EXPECT_EQ(history_of(past, kHere).uses, 1U);
  EXPECT_EQ(history_of(past, kHere).inside, 1U);
}

TEST(HistoryTest, DoesNotBeginAgainWhenAForeignCountIsAbsurd) {
  constexpr unsigned kMost = std::numeric_limits<unsigned>::max();
  TapRecord peer = entry(2, 1, kMost);
  peer.terminal = "gate-b2";
  const std::vector<TapRecord> past = {entry(1, 1), peer};
  EXPECT_EQ(history_of(past, kHere).uses, kMost);
  EXPECT_EQ(history_of(past, kHere).inside, kMost);
}

TEST(HistoryProperty, DoesNotDependOnTheOrderOfTheMovements) {
  check_property("shuffled movements, the same history", [] {
    std::vector<TapRecord> past;
    const auto length = *rc::gen::inRange<std::uint64_t>(1, 8);
    for (std::uint64_t n = 1; n <= length; ++n) {
      const int kind = *rc::gen::inRange(0, 4);
      if (kind == 0) past.push_back(leaving(n));
      if (kind == 1 && !past.empty()) past.push_back(undo_of(n, past.back()));
      if (kind >= 2) past.push_back(entry(n, static_cast<unsigned>(n)));
      if (kind == 3) past.back().terminal = "gate-b2";
    }
    const History one = history_of(past, kHere);
    for (std::size_t i = past.size(); i > 1; --i) {
      std::swap(past[i - 1], past[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    const History other = history_of(past, kHere);
    RC_ASSERT(one.uses == other.uses && one.inside == other.inside);
    RC_ASSERT(one.last_use_no == other.last_use_no && one.seen_until == other.seen_until);
    RC_ASSERT(one.last_use.has_value() == other.last_use.has_value());
    if (one.last_use) RC_ASSERT(one.last_use->at == other.last_use->at);
  });
}

}  // namespace
}  // namespace passgate::gate
