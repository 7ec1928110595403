// SPDX-License-Identifier: Apache-2.0
#include "gate/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gate/offline_taps.h"

// What terminals that could not speak to each other did with one pass, judged again.
namespace passgate::gate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<TapId> ids(const std::vector<TapRecord>& records) {
  std::vector<TapId> all;
  for (const TapRecord& record : records) all.push_back(record.tap_id);
  return all;
}

Merged merged(const PassPolicy& policy, const std::vector<TapRecord>& records,
              const std::optional<Revocation>& revocation = {}) {
  return merge(policy, {}, records, revocation);
}

TEST(MergeOrder, TheEarlierClockComesFirst) {
  std::vector<TapRecord> records{admitted("b", 1, 60s), admitted("a", 1, 120s)};
  const auto wanted = ids(records);
  std::ranges::reverse(records);
  put_in_order(records);
  EXPECT_EQ(ids(records), wanted);
}

TEST(MergeOrder, AnUnsetClockNeverComesFirst) {
  TapRecord unset = admitted("a", 1, 0s);
  unset.clock = ClockState::unset;
  const TapRecord known = admitted("b", 1, 3600s);
  std::vector<TapRecord> records{unset, known};
  put_in_order(records);
  EXPECT_THAT(ids(records), ElementsAre(known.tap_id, unset.tap_id));
}

TEST(MergeOrder, HoldoverWithoutABoundIsNoBetter) {
  TapRecord unbounded = admitted("a", 1, 0s);
  unbounded.clock = ClockState::holdover;
  unbounded.clock_error.reset();
  const TapRecord known = admitted("b", 1, 3600s);
  std::vector<TapRecord> records{unbounded, known};
  put_in_order(records);
  EXPECT_THAT(ids(records), ElementsAre(known.tap_id, unbounded.tap_id));
}

TEST(MergeOrder, WhatATerminalKnewLaterBoundsWhatItDidBefore) {
  TapRecord unset = refused("a", 1, 0s, Reason::clock_untrusted);
  unset.clock = ClockState::unset;
  const TapRecord then = admitted("a", 2, 60s);
  const TapRecord other = admitted("b", 1, 120s);
  std::vector<TapRecord> records{other, then, unset};
  put_in_order(records);
  EXPECT_THAT(ids(records), ElementsAre(unset.tap_id, then.tap_id, other.tap_id));
}

TEST(MergeOrder, AClockSetBackDoesNotMakeASecondUseTheFirst) {
  const TapRecord first = admitted("b", 1, 30min);
  const TapRecord second = admitted("a", 1, 60min);
  TapRecord third = admitted("a", 2, 5min);  // Set back by an hour, and sure of itself.
  std::vector<TapRecord> records{third, second, first};
  put_in_order(records);
  EXPECT_THAT(ids(records), ElementsAre(first.tap_id, second.tap_id, third.tap_id));
}

TEST(MergeOrder, AReplacedJournalWithEqualPositionsIsOrderedTheSameEverywhere) {
  std::vector<TapRecord> one{admitted("a", 1, 0s), admitted("a", 1, 60s), admitted("a", 2, 30s)};
  std::vector<TapRecord> other{one[2], one[1], one[0]};
  put_in_order(one);
  put_in_order(other);
  EXPECT_EQ(ids(one), ids(other));
}

TEST(Merge, TheFirstUseCountsAndTheSecondIsAConflictThatStands) {
  const TapRecord first = admitted("a", 1, 0s);
  const TapRecord second = admitted("b", 1, 60s);
  const Merged both = merged({}, {second, first});
  EXPECT_EQ(both.admitted, 2U);
  EXPECT_EQ(both.entitled, 1U);
  EXPECT_EQ(both.overrun(), 1U);
  EXPECT_THAT(both.conflicts, ElementsAre(FoundConflict{.tap = second.tap_id,
                                                        .kind = Conflict::duplicate_offline,
                                                        .against = first.tap_id,
                                                        .order_certain = true}));
}

TEST(Merge, ClocksThatOverlapLeaveTheOrderInDoubt) {
  TapRecord first = admitted("a", 1, 0s);
  TapRecord second = admitted("b", 1, 1s);
  first.clock_error = second.clock_error = Milliseconds(600);
  EXPECT_FALSE(merged({}, {first, second}).conflicts.at(0).order_certain);
  second.clock_error = Milliseconds(300);
  EXPECT_TRUE(merged({}, {first, second}).conflicts.at(0).order_certain);
}

TEST(Merge, SeveralUsesAreSharedByAllTerminals) {
  const auto third = admitted("a", 2, 120s);
  const std::vector<TapRecord> taps{admitted("a", 1, 0s), admitted("b", 1, 60s), third};
  EXPECT_THAT(merged({.uses = 3}, taps).conflicts, IsEmpty());
  const Merged two = merged({.uses = 2}, taps);
  ASSERT_EQ(two.conflicts.size(), 1U);
  EXPECT_EQ(two.conflicts.at(0).tap, third.tap_id);
  EXPECT_EQ(two.conflicts.at(0).against, taps[1].tap_id);
}

TEST(Merge, APassWithoutALimitIsNeverADuplicate) {
  PassPolicy policy;
  policy.uses.reset();
  EXPECT_THAT(merged(policy, {admitted("a", 1, 0s), admitted("b", 1, 1s)}).conflicts, IsEmpty());
}

TEST(Merge, UsesPerZoneAreCountedInEach) {
  TapRecord south = admitted("b", 1, 60s);
  south.zone = "south";
  EXPECT_THAT(merged({.uses_per_zone = true}, {admitted("a", 1, 0s), south}).conflicts, IsEmpty());
  EXPECT_EQ(merged({}, {admitted("a", 1, 0s), south}).conflicts.size(), 1U);
}

TEST(Merge, AnUndoneAdmissionMakesNoConflict) {
  const TapRecord first = admitted("a", 1, 0s);
  const TapRecord second = admitted("b", 1, 60s);
  const Merged all = merged({}, {first, second, undone("a", 2, 120s, first)});
  EXPECT_THAT(all.conflicts, IsEmpty());
  EXPECT_EQ(all.admitted, 1U);
}

TEST(Merge, WhatOneTerminalSaysOfAnothersTapIsNotHeard) {
  const TapRecord first = admitted("a", 1, 0s);
  const TapRecord second = admitted("b", 1, 60s);
  const TapRecord refusal = refused("a", 2, 90s, Reason::already_redeemed);
  const Merged all = merged({}, {first, second, refusal, undone("b", 2, 70s, first)});
  EXPECT_EQ(all.admitted, 2U);
  ASSERT_EQ(all.conflicts.size(), 1U) << "and the refusal was right";
  EXPECT_EQ(all.conflicts.front().tap, second.tap_id);
}

TEST(Merge, WhoCameInByAClockWithoutADateIsNotTakenToHaveLeft) {
  const EmptyingHours hours{{"north", {LocalCalendar::of("UTC").value(), 4h}}};
  TapRecord first = admitted("a", 1, 0s);
  first.at = WallTime();
  first.clock = ClockState::unset;
  const TapRecord correct = refused("a", 2, 30min, Reason::passback);
  const TapRecord copy = admitted("b", 1, 60min);
  const Merged all =
      merge({.reentry = Reentry::after_exit}, hours, std::vector{first, correct, copy}, {});
  EXPECT_EQ(all.overrun(), 1U);
  ASSERT_EQ(all.conflicts.size(), 1U);
  EXPECT_EQ(all.conflicts.front().tap, copy.tap_id);
}

TEST(Merge, OncePerDayLooksAtEveryTerminalsLastUse) {
  const PassPolicy policy{.uses = 10, .once_per_day = LocalCalendar::of("UTC").value()};
  TapRecord dateless = admitted("a", 1, -48h);
  dateless.clock = ClockState::holdover;
  dateless.clock_error.reset();
  TapRecord today = admitted("a", 2, 0s);
  today.clock = ClockState::holdover;
  today.clock_error.reset();
  const TapRecord elsewhere = admitted("b", 1, -2h);
  const Merged all = merge(policy, {}, std::vector{dateless, today, elsewhere}, {});
  // Of its own terminal's use it is certainly two days later, of the other's it is not.
  EXPECT_EQ(std::ranges::count(all.conflicts, today.tap_id, &FoundConflict::tap), 1);
}

TEST(Merge, AnOverrideIsNoConflictButTakesTheUse) {
  const TapRecord first = admitted("a", 1, 0s);
  const TapRecord refusal = refused("a", 2, 60s, Reason::already_redeemed);
  const Merged all = merged({}, {first, refusal, overridden("a", 3, 70s, refusal)});
  EXPECT_THAT(all.conflicts, IsEmpty());
  EXPECT_EQ(all.overrun(), 0U);
  const TapRecord late = admitted("b", 1, 300s);
  EXPECT_EQ(merged({}, {refusal, overridden("a", 3, 70s, refusal), late}).conflicts.size(), 1U);
}

TEST(Merge, ARefusalThatAnUndoElsewhereHadMadeGoodIsWrong) {
  const TapRecord use = admitted("a", 1, 0s);
  const TapRecord undo = undone("a", 2, 60s, use);
  const TapRecord refusal = refused("b", 1, 120s, Reason::already_redeemed);
  EXPECT_THAT(merged({}, {use, undo, refusal}).conflicts,
              ElementsAre(FoundConflict{.tap = refusal.tap_id,
                                        .kind = Conflict::wrongly_refused,
                                        .against = {},
                                        .order_certain = true}));
}

TEST(Merge, ARefusalBeforeTheUndoWasRight) {
  const TapRecord use = admitted("a", 1, 0s);
  const TapRecord refusal = refused("a", 2, 30s, Reason::already_redeemed);
  EXPECT_THAT(merged({}, {use, refusal, undone("a", 3, 60s, use)}).conflicts, IsEmpty());
}

TEST(Merge, AnOverrideCuresAWrongRefusal) {
  const TapRecord use = admitted("a", 1, 0s);
  const TapRecord undo = undone("a", 2, 60s, use);
  const TapRecord refusal = refused("b", 1, 120s, Reason::already_redeemed);
  EXPECT_THAT(merged({}, {use, undo, refusal, overridden("b", 2, 130s, refusal)}).conflicts,
              IsEmpty());
}

TEST(Merge, WhatTheCloudKnewIsNotJudgedAgain) {
  EXPECT_THAT(merged({}, {refused("a", 1, 0s, Reason::already_redeemed)}).conflicts, IsEmpty());
  EXPECT_THAT(merged({}, {refused("a", 1, 0s, Reason::voided), admitted("b", 1, 60s)}).conflicts,
              IsEmpty());
}

TEST(Merge, AnAdmissionAfterARevocationIsTold) {
  const TapRecord tap = admitted("a", 1, 60s);
  const auto revoked = [](std::chrono::seconds from, std::chrono::seconds to) {
    return Revocation{morning() + from, morning() + to};
  };
  const auto kinds = [&](const Revocation& when) {
    std::vector<std::pair<Conflict, bool>> all;
    for (const auto& found : merged({}, {tap}, when).conflicts) {
      all.emplace_back(found.kind, found.order_certain);
    }
    return all;
  };
  EXPECT_THAT(kinds(revoked(0s, 59s)), ElementsAre(std::pair(Conflict::after_revocation, true)));
  EXPECT_THAT(kinds(revoked(0s, 60s)), ElementsAre(std::pair(Conflict::race, false)));
  EXPECT_THAT(kinds(revoked(60s, 90s)), ElementsAre(std::pair(Conflict::race, false)));
  EXPECT_THAT(kinds(revoked(61s, 90s)), IsEmpty());
}

TEST(ConflictRecord, TellsTheRecordItIsAboutWithoutConsumingAUse) {
  const TapRecord about = admitted("b", 1, 60s);
  const FoundConflict found{.tap = about.tap_id, .against = admitted("a", 1, 0s).tap_id};
  const TapRecord record = conflict_record(found, about, false, 0);
  EXPECT_EQ(record.kind, Kind::conflict);
  EXPECT_EQ(record.refers, about.tap_id);
  EXPECT_EQ(record.terminal, "b");
  EXPECT_EQ(record.at, about.at);
  EXPECT_EQ(record.use_no, std::nullopt);
  EXPECT_EQ(record.tap_id.text().at(14), '8');  // A UUID of version 8.
  EXPECT_EQ(record, conflict_record(found, about, false, 0));
}

TEST(ConflictRecord, EveryTellingHasAnIdOfItsOwn) {
  std::set<TapId> told;
  std::size_t count = 0;
  const TapRecord against = admitted("a", 1, 0s);
  for (unsigned n = 0; n < 20; ++n) {
    const TapRecord about = admitted("b", n + 1, 60s);
    for (const auto kind : {Conflict::duplicate_offline, Conflict::after_revocation, Conflict::race,
                            Conflict::wrongly_refused}) {
      for (unsigned bits = 0; bits < 8; ++bits) {
        for (unsigned repeat = 0; repeat < 3; ++repeat) {
          const FoundConflict found{
              .tap = about.tap_id,
              .kind = kind,
              .against = (bits & 1) != 0 ? std::optional(against.tap_id) : std::nullopt,
              .order_certain = (bits & 2) != 0};
          told.insert(conflict_record(found, about, (bits & 4) != 0, repeat).tap_id);
          ++count;
        }
      }
    }
  }
  EXPECT_EQ(told.size(), count);
}

TEST(Merge, OfAPartyThatCameSecondThoseCountForWhomAUseIsLeft) {
  PassPolicy three;
  three.uses = 3;
  TapRecord first = admitted("a", 1, 0s);
  TapRecord second = admitted("b", 1, 60s);
  first.party = second.party = 2;
  const Merged both = merged(three, {second, first});
  EXPECT_EQ(both.admitted, 4U);
  EXPECT_EQ(both.entitled, 3U);
  ASSERT_EQ(both.conflicts.size(), 1U);
  EXPECT_EQ(both.conflicts[0].tap, second.tap_id);
  EXPECT_EQ(both.conflicts[0].against, first.tap_id);
}

}  // namespace
}  // namespace passgate::gate
