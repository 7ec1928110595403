// SPDX-License-Identifier: Apache-2.0
// Whole taps by the rules beyond a number of uses: parties, ways out and back in,
// full zones; and what the lamp shows when the terminal itself is at fault.
#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "sim/tap/phone_channel.h"
#include "tests/gate/faulty_disk.h"
#include "tests/gate/sample_taps.h"
#include "tests/rig/flow_fixture.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using apdu::Signal;
using gate::Decision;
using gate::Direction;
using gate::Flag;
using gate::Reason;

class EntryRulesFlow : public test::FlowFixture {
 protected:
  /// A tap of another reader of the same terminal.
  daemon::TapReport tap_at(daemon::TapFlow& reader, const std::string& payload) {
    const auto phone = rig_->phone(payload);
    sim::PhoneChannel channel(*phone);
    reader.visit(channel, rig_->lamp);
    return rig_->reports.with([](const auto& all) { return all.back(); });
  }
  static gate::PassPolicy policy(std::optional<unsigned> uses) {
    gate::PassPolicy policy;
    policy.uses = uses;
    return policy;
  }
  /// In a zone that takes one person, and is empty at 04:00 in Berlin.
  test::FlowRig& rig_for_one() {
    gate::PassPolicy rules = policy(2);
    rules.max_skew = 0s;
    const auto berlin = gate::LocalCalendar::of("Europe/Berlin");
    return rig({.policy = rules,
                .zones = {{.name = "north", .capacity = 1, .calendar = berlin, .empties_at = 4h}}});
  }
};

constexpr const char* kWithParty = "^(?P<pass_id>[a-z]+)(-(?P<party>[^-]*))?$";

TEST_F(EntryRulesFlow, APartyConsumesAUseForEachOfItsPeople) {
  gate::PassPolicy rules = policy(3);
  rules.max_party = 4;
  test::FlowRig& r = rig({.pattern = kWithParty, .policy = rules});
  const auto two = r.tap(*r.phone("family-2"));
  EXPECT_EQ(two.decision, Decision::admit);
  EXPECT_EQ(two.party, 2U);
  EXPECT_EQ(two.use_no, 1U);
  const auto again = r.tap(*r.phone("family-2"));
  EXPECT_EQ(again.reason, Reason::uses_exhausted);
  const auto one = r.tap(*r.phone("family"));
  EXPECT_EQ(one.use_no, 3U);
  ASSERT_EQ(journalled().size(), 3U);
  EXPECT_EQ(journalled()[0].party, 2U);
  EXPECT_EQ(r.journal->inside("north", {}).value(), 3U);
}

TEST_F(EntryRulesFlow, AnotherNameOfTheTerminalTakesNothingBack) {
  test::FlowRig& r = rig({.pattern = kWithParty, .policy = policy({})});
  ASSERT_EQ(r.tap(*r.phone("anna")).use_no, 1U);
  gate::TapRecord before = journalled()[0];
  before.tap_id = gate::tap_id(7);
  before.terminal = "gate-of-old";
  before.pass_id = "bert";
  ASSERT_TRUE(r.journal->record(before, {}));
  const auto again = r.tap(*r.phone("bert"));
  EXPECT_EQ(again.decision, Decision::admit) << name(again.reason);
  EXPECT_EQ(again.use_no, 2U);
  const auto out = r.flow("out-1", Direction::exit);
  EXPECT_EQ(tap_at(*out, "bert").decision, Decision::admit);
}

TEST_F(EntryRulesFlow, LetsInAsManyOfAPartyAsHaveAUse) {
  gate::PassPolicy rules = policy(2);
  rules.max_party = 4;
  rules.partial_party = true;
  test::FlowRig& r = rig({.pattern = kWithParty, .policy = rules});
  const auto three = r.tap(*r.phone("family-3"));
  EXPECT_EQ(three.decision, Decision::admit);
  EXPECT_EQ(three.party, 2U);
  EXPECT_EQ(three.flag, Flag::partial_party);
  EXPECT_EQ(journalled()[0].flag, Flag::partial_party);
}

TEST_F(EntryRulesFlow, RefusesAPartyThatIsTooLargeOrNoNumber) {
  gate::PassPolicy rules = policy(std::nullopt);
  rules.max_party = 4;
  test::FlowRig& r = rig({.pattern = kWithParty, .policy = rules});
  EXPECT_EQ(r.tap(*r.phone("a-5")).reason, Reason::rule);
  EXPECT_EQ(r.tap(*r.phone("a-1000")).reason, Reason::rule) << "the most that max_party may be";
  for (const char* absurd : {"a-0", "a-x", "a-+1", "a-2 ", "a-1001", "a-1000000", "a-4294967297",
                             "a-99999999999999999999"}) {
    EXPECT_EQ(r.tap(*r.phone(absurd)).reason, Reason::wrong_template) << absurd;
  }
  EXPECT_EQ(r.tap(*r.phone("a-")).party, 1U);
  EXPECT_EQ(r.tap(*r.phone("a-4")).party, 4U);
}

TEST_F(EntryRulesFlow, WhoWentOutComesBackWithoutAnotherUse) {
  gate::PassPolicy rules = policy(1);
  rules.reentry = gate::Reentry::after_exit;
  test::FlowRig& r = rig({.policy = rules});
  const auto out = r.flow("out", Direction::exit);
  EXPECT_EQ(r.tap(*r.phone("a")).use_no, 1U);
  EXPECT_EQ(r.tap(*r.phone("a")).reason, Reason::passback);
  const auto left = tap_at(*out, "a");
  EXPECT_EQ(left.decision, Decision::admit);
  EXPECT_EQ(left.use_no, std::nullopt);
  const auto back = r.tap(*r.phone("a"));
  EXPECT_EQ(back.decision, Decision::admit);
  EXPECT_EQ(back.use_no, std::nullopt);
  EXPECT_EQ(r.tap(*r.phone("a")).reason, Reason::passback);
  EXPECT_EQ(r.journal->inside("north", {}).value(), 1U);
}

TEST_F(EntryRulesFlow, AnExitOfWhoNeverEnteredIsTold) {
  test::FlowRig& r = rig();
  const auto out = r.flow("out", Direction::exit);
  const auto left = tap_at(*out, "a");
  EXPECT_EQ(left.decision, Decision::admit);
  EXPECT_EQ(left.flag, Flag::exit_without_entry);
  EXPECT_EQ(journalled()[0].flag, Flag::exit_without_entry);
  EXPECT_EQ(r.tap(*r.phone("a")).use_no, 1U) << "an exit consumes nothing";
}

TEST_F(EntryRulesFlow, AFullZoneTakesNobodyUntilSomebodyLeaves) {
  test::FlowRig& r =
      rig({.policy = policy(5),
           .zones = {{.name = "north", .capacity = 2, .calendar = {}, .empties_at = {}}}});
  const auto out = r.flow("out", Direction::exit);
  EXPECT_EQ(r.tap(*r.phone("a")).decision, Decision::admit);
  EXPECT_EQ(r.tap(*r.phone("b")).decision, Decision::admit);
  EXPECT_EQ(r.tap(*r.phone("c")).reason, Reason::capacity);
  EXPECT_EQ(r.lamp.shown.back(), Signal::deny);
  EXPECT_EQ(tap_at(*out, "a").decision, Decision::admit);
  EXPECT_EQ(r.tap(*r.phone("c")).use_no, 1U) << "the refusal cost no use";
}

TEST_F(EntryRulesFlow, AZoneIsEmptyAgainInTheMorning) {
  // The evening is 19:00 UTC, 20:00 in Berlin.
  test::FlowRig& r = rig_for_one();
  EXPECT_EQ(r.tap(*r.phone("a")).decision, Decision::admit);
  r.clock.time += 7h + 59min;
  EXPECT_EQ(r.tap(*r.phone("b")).reason, Reason::capacity) << "03:59";
  r.clock.time += 1min;
  EXPECT_EQ(r.tap(*r.phone("b")).decision, Decision::admit) << "04:00";
}

TEST_F(EntryRulesFlow, AZoneFilledByAClockAYearAheadIsEmptyInTheMorningAfterItsCorrection) {
  test::FlowRig& r = rig_for_one();
  r.clock.time += std::chrono::days(365);
  r.clock.health = ClockState::holdover;
  EXPECT_EQ(r.tap(*r.phone("a")).decision, Decision::admit);
  r.clock.time -= std::chrono::days(365);
  r.clock.health = ClockState::synchronised;
  EXPECT_EQ(r.tap(*r.phone("b")).reason, Reason::capacity) << "that guest is still there";
  r.clock.time += 8h;
  EXPECT_EQ(r.tap(*r.phone("b")).decision, Decision::admit) << "04:00";
}

TEST_F(EntryRulesFlow, CountsTheUsesOfEachZoneByItself) {
  gate::PassPolicy rules = policy(1);
  rules.uses_per_zone = true;
  test::FlowRig& r = rig({.policy = rules});
  gate::TapRecord elsewhere;
  elsewhere.tap_id = TapId::make(r.clock.time, std::array<std::uint8_t, 10>{});
  elsewhere.terminal = "rig";
  elsewhere.zone = "south";
  elsewhere.pass_template = test::kRigTemplate;
  elsewhere.pass_id = "a";
  elsewhere.decision = Decision::admit;
  elsewhere.reason = Reason::ok;
  elsewhere.use_no = 1;
  ASSERT_TRUE(r.journal->record(elsewhere, std::nullopt));
  EXPECT_EQ(r.tap(*r.phone("a")).use_no, 2U) << "numbers are of the pass, counts of the zone";
  EXPECT_EQ(r.tap(*r.phone("a")).reason, Reason::already_redeemed);
}

TEST_F(EntryRulesFlow, EveryRecordSaysHowFarTheClockMayBeOff) {
  test::FlowRig& r = rig();
  r.clock.error = 12ms;
  r.tap(*r.phone("a"));
  r.clock.error = {};
  r.tap(*r.phone("a"));
  EXPECT_EQ(journalled()[0].clock_error, 12ms);
  EXPECT_EQ(journalled()[1].clock_error, std::nullopt);
}

TEST_F(EntryRulesFlow, AFailureOfOursDoesNotLookLikeABadPass) {
  test::FlowRig& r = rig({.provider = "main"});
  EXPECT_EQ(r.tap(*r.phone("a")).reason, Reason::stale_cache) << "there is no list";
  EXPECT_EQ(r.lamp.shown, std::vector{Signal::fault});
}

TEST_F(EntryRulesFlow, AGateThatCannotWriteShowsItsOwnFault) {
  gate::FaultyDisk disk;
  test::FlowRig& r = rig({.vfs = disk.vfs()});
  disk.fail_syncs_with(SQLITE_IOERR_FSYNC);
  EXPECT_EQ(r.tap(*r.phone("a")).reason, Reason::out_of_order);
  EXPECT_EQ(r.lamp.shown, std::vector{Signal::fault});
  rig_.reset();  // Before its disk.
}

}  // namespace
}  // namespace passgate
