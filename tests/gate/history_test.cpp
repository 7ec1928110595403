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
  const History history = history_of(known_here(past), {});
  EXPECT_EQ(history.uses, 3U);
  EXPECT_EQ(history.last_use_no, 3U);
  EXPECT_EQ(history.inside, 1U);
  EXPECT_EQ(history.seen_until, 2U);
}

TEST(HistoryTest, LowersTheCountOfAnUndoneUseAndKeepsItsNumber) {
  const std::vector<TapRecord> past = {entry(1, 1), entry(2, 2), undo_of(3, entry(2, 2))};
  const History history = history_of(known_here(past), {});
  EXPECT_EQ(history.uses, 1U);
  EXPECT_EQ(history.last_use_no, 2U);
  EXPECT_EQ(history.inside, 1U);
  EXPECT_EQ(history.last_uses.back().at, entry(1, 1).at);
}

TEST(HistoryTest, PutsWhoseExitIsUndoneInsideAgain) {
  const std::vector<TapRecord> past = {entry(1, 1), leaving(2), undo_of(3, leaving(2))};
  EXPECT_EQ(history_of(known_here(past), {}).inside, 1U);
}

TEST(HistoryTest, KnowsWhoComesBackFromWhoHasAUse) {
  TapRecord back = entry(3, 1);
  back.use_no.reset();
  const std::vector<TapRecord> past = {entry(1, 1), leaving(2), back};
  const History history = history_of(known_here(past), {});
  EXPECT_EQ(history.uses, 1U);
  EXPECT_EQ(history.inside, 1U);
  EXPECT_EQ(history.last_uses.back().at, entry(1, 1).at);
  EXPECT_EQ(history.last_entries.back().at, back.at);
}

TEST(HistoryTest, LetsEverybodyOutWhenTheZoneIsEmptied) {
  HistoryScope later;
  later.emptied_at = entry(2, 2).at;
  std::vector<TapRecord> past = {entry(1, 1), entry(2, 2)};
  EXPECT_EQ(history_of(known_here(past), later).inside, 1U);
  past[0].clock = ClockState::unset;  // It does not know that it was before.
  EXPECT_EQ(history_of(known_here(past), later).inside, 2U);
}

TEST(HistoryTest, CountsOtherTerminalsButNotTheirNumbers) {
  TapRecord peer = entry(7, 5);
  peer.terminal = "gate-b2";
  const std::vector<TapRecord> past = {entry(1, 1), peer};
  const History history = history_of(known_here(past), {});
  EXPECT_EQ(history.uses, 2U);
  EXPECT_EQ(history.last_use_no, 1U);
  EXPECT_EQ(history.seen_until, 1U);
}

TEST(HistoryTest, KeepsWhatItWroteUnderAnotherName) {
  TapRecord before = entry(1, 1);
  before.terminal = "gate-of-old";
  const History history = history_of({.own = {before, entry(2, 2)}, .peers = {}}, {});
  EXPECT_EQ(history.uses, 2U);
  EXPECT_EQ(history.last_use_no, 2U);
  EXPECT_EQ(history.seen_until, 2U);
  const History renamed = history_of({.own = {before}, .peers = {}}, {});
  EXPECT_EQ(renamed.last_use_no, 1U) << "its number is taken";
  EXPECT_EQ(renamed.seen_until, 1U) << "and nothing newer is waited for";
}

TEST(HistoryTest, HearsNoUndoOfAnotherTerminal) {
  TapRecord foreign = undo_of(2, entry(1, 1));
  foreign.terminal = "gate-b2";
  TapRecord peer = entry(7, 5);
  peer.terminal = "gate-c3";
  TapRecord of_peer = undo_of(8, peer);
  of_peer.terminal = "gate-b2";
  EXPECT_EQ(history_of(known_here({entry(1, 1), foreign}), {}).uses, 1U);
  EXPECT_EQ(history_of(known_here({peer, of_peer}), {}).uses, 1U);
  of_peer.terminal = "gate-c3";
  EXPECT_EQ(history_of(known_here({peer, of_peer}), {}).uses, 0U);
}

TEST(HistoryTest, KnowsBothEntriesOfWhichEitherMayBeTheLast) {
  TapRecord dateless = entry(1, 1);
  dateless.clock = ClockState::unset;  // Last of all, by the order.
  TapRecord peer = entry(5, 1);
  peer.terminal = "gate-b2";
  TapRecord later = entry(6, 2);
  later.terminal = "gate-b2";
  const History history = history_of(known_here({dateless, peer, later}), {});
  ASSERT_EQ(history.last_uses.size(), 2U) << "of gate-b2 the later one alone";
  EXPECT_EQ(history.last_uses[0].at, later.at);
  EXPECT_EQ(history.last_uses[1].at, dateless.at);
}

TEST(HistoryTest, ForgetsAnEntryWithoutADateThatWasBeforeTheLastAllTheSame) {
  TapRecord dateless = entry(1, 1);
  dateless.clock = ClockState::unset;
  dateless.terminal = "gate-b2";
  TapRecord out = leaving(2);  // Then its terminal knew the time.
  out.terminal = "gate-b2";
  const History history = history_of(known_here({dateless, out, entry(9, 1)}), {});
  ASSERT_EQ(history.last_uses.size(), 1U);
  EXPECT_EQ(history.last_uses[0].at, entry(9, 1).at);
  EXPECT_EQ(history.last_entries.size(), 1U);
}

TEST(HistoryTest, KnowsWhichOfItsOwnWasTheLastUnderWhateverName) {
  TapRecord before = entry(1, 1);
  before.clock = ClockState::unset;
  before.terminal = "gate-of-old";
  TapRecord now = entry(2, 2);
  now.clock = ClockState::unset;
  const History history = history_of({.own = {before, now}, .peers = {}}, {});
  ASSERT_EQ(history.last_uses.size(), 1U);
  EXPECT_EQ(history.last_uses[0].at, now.at);
}

TEST(HistoryTest, LooksAtOneZoneOnlyIfUsesCountThere) {
  TapRecord south = entry(2, 2);
  south.zone = "south";
  HistoryScope scope;
  scope.zone = "south";
  const std::vector<TapRecord> past = {entry(1, 1), south};
  const History history = history_of(known_here(past), scope);
  EXPECT_EQ(history.uses, 1U);
  EXPECT_EQ(history.last_use_no, 2U);
  EXPECT_EQ(history.inside, 1U);
}

TEST(HistoryTest, TakesNoConflictForAnEntry) {
  TapRecord told = entry(2, 2);
  told.kind = Kind::conflict;
  const std::vector<TapRecord> past = {entry(1, 1), told};
  EXPECT_EQ(history_of(known_here(past), {}).uses, 1U);
  EXPECT_EQ(history_of(known_here(past), {}).inside, 1U);
}

TEST(HistoryTest, DoesNotBeginAgainWhenAForeignCountIsAbsurd) {
  constexpr unsigned kMost = std::numeric_limits<unsigned>::max();
  TapRecord peer = entry(2, 1, kMost);
  peer.terminal = "gate-b2";
  const std::vector<TapRecord> past = {entry(1, 1), peer};
  EXPECT_EQ(history_of(known_here(past), {}).uses, kMost);
  EXPECT_EQ(history_of(known_here(past), {}).inside, kMost);
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
    const History one = history_of(known_here(past), {});
    for (std::size_t i = past.size(); i > 1; --i) {
      std::swap(past[i - 1], past[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    const History other = history_of(known_here(past), {});
    RC_ASSERT(one.uses == other.uses && one.inside == other.inside);
    RC_ASSERT(one.last_use_no == other.last_use_no && one.seen_until == other.seen_until);
    RC_ASSERT(one.last_uses.size() == other.last_uses.size());
    for (std::size_t i = 0; i < one.last_uses.size(); ++i) {
      RC_ASSERT(one.last_uses[i].at == other.last_uses[i].at);
    }
  });
}

}  // namespace
}  // namespace passgate::gate
