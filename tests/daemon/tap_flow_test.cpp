// SPDX-License-Identifier: Apache-2.0
#include "daemon/tap_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/vas_key_ring.h"
#include "tests/gate/faulty_disk.h"
#include "tests/rig/flow_fixture.h"
#include "tests/rig/replayer.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using apdu::Signal;
using gate::Decision;
using gate::Reason;
using testing::HasSubstr;
using testing::Not;

class TapFlow : public test::FlowFixture {};

TEST_F(TapFlow, AdmitsTypesAndRecordsAValidPass) {
  test::FlowRig& r = rig();
  const auto report = r.tap(*r.phone("seat42"));
  EXPECT_EQ(report.decision, Decision::admit);
  EXPECT_EQ(report.reason, Reason::ok);
  EXPECT_EQ(report.use_no, 1U);
  EXPECT_EQ(r.typed(), "seat42\n");
  EXPECT_EQ(r.lamp.shown, std::vector{Signal::admit});
  ASSERT_EQ(journalled().size(), 1U);
  EXPECT_EQ(journalled()[0].pass_id, "seat42");
  EXPECT_EQ(journalled()[0].tap_id, report.tap_id);
}

TEST_F(TapFlow, RefusesTheSecondUseAndSaysWhereTheFirstWas) {
  test::FlowRig& r = rig();
  r.tap(*r.phone("seat42"));
  const auto second = r.tap(*r.phone("seat42"));
  EXPECT_EQ(second.decision, Decision::deny);
  EXPECT_EQ(second.reason, Reason::already_redeemed);
  EXPECT_EQ(second.first_use, r.clock.now());
  EXPECT_EQ(second.first_reader, "north-1");
  EXPECT_EQ(r.typed(), "seat42\n");
  EXPECT_EQ(r.lamp.shown.back(), Signal::deny);
  EXPECT_EQ(journalled().size(), 2U);
}

TEST_F(TapFlow, CountsUsesUpToTheLimit) {
  gate::PassPolicy twice;
  twice.uses = 2;
  test::FlowRig& r = rig({.policy = twice});
  EXPECT_EQ(r.tap(*r.phone("seat42")).use_no, 1U);
  EXPECT_EQ(r.tap(*r.phone("seat42")).use_no, 2U);
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::uses_exhausted);
}

TEST_F(TapFlow, TakesAPhoneThatStaysForTheSameTap) {
  test::FlowRig& r = rig({.rearm = 3s});
  r.tap(*r.phone("seat42"));
  const auto again = r.tap(*r.phone("seat42"));
  EXPECT_EQ(again.reason, Reason::same_tap);
  EXPECT_EQ(r.lamp.shown.size(), 1U);  // Green is not shown again.
  EXPECT_EQ(journalled().size(), 1U);
  r.clock.skipped = 10s;
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::already_redeemed);
}

TEST_F(TapFlow, RefusesAStampThatIsTooOldOrInTheFuture) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.phone("a", {.stamp_skew = -700s})).reason, Reason::stale_stamp);
  EXPECT_EQ(r.tap(*r.phone("b", {.stamp_skew = 700s})).reason, Reason::stale_stamp);
  r.clock.health = ClockState::unset;
  EXPECT_EQ(r.tap(*r.phone("c")).reason, Reason::clock_untrusted);
  EXPECT_EQ(r.typed(), "");
}

TEST_F(TapFlow, RefusesACryptogramSeenBefore) {
  gate::PassPolicy reusable;
  reusable.uses.reset();
  test::FlowRig& r = rig({.policy = reusable});
  const auto victim = r.phone("seat42");
  test::Replayer thief(*victim);
  EXPECT_EQ(r.tap(thief).reason, Reason::ok);
  const auto replayed = r.tap(thief);
  EXPECT_EQ(replayed.decision, Decision::deny);
  EXPECT_EQ(replayed.reason, Reason::replayed);
}

TEST_F(TapFlow, SaysWhyNoPassWasRead) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.phone("x", {.state = sim::PhoneState::locked})).reason, Reason::locked);
  EXPECT_EQ(r.tap(*r.phone("x", {.state = sim::PhoneState::choose})).reason, Reason::choose);
  EXPECT_EQ(r.lamp.shown, (std::vector{Signal::attention, Signal::attention}));
  sim::VirtualIphone empty({}, {}, r.clock);
  EXPECT_EQ(r.tap(empty).reason, Reason::no_pass);
  EXPECT_TRUE(journalled().empty());
}

TEST_F(TapFlow, RecordsAPassThatNoKeyOpens) {
  test::FlowRig& r = rig();
  const auto report = r.tap(*r.phone("seat42", {.tamper = true}));
  EXPECT_EQ(report.reason, Reason::undecryptable);
  ASSERT_EQ(journalled().size(), 1U);
  EXPECT_EQ(journalled()[0].pass_id, "");
  EXPECT_FALSE(journalled()[0].use_no);
}

TEST_F(TapFlow, LogsWhichKeyAPassWasMadeForAndNothingOfThePass) {
  test::FlowRig& r = rig({.log = runtime::Level::warning});
  SecretBytes theirs = crypto::new_private_key_pem();
  crypto::VasKeyRing other{PassTypeId(test::kRigPassType)};
  const auto their_id = other.add(theirs).value();
  constexpr std::string_view kPayload = "seat42";
  std::vector<sim::WalletPass> passes;
  passes.push_back({.id = PassTypeId(test::kRigPassType),
                    .terminal_key = std::move(theirs),
                    .message = Bytes(kPayload.begin(), kPayload.end())});
  sim::VirtualIphone stranger(std::move(passes), {}, r.clock);
  testing::internal::CaptureStderr();
  EXPECT_EQ(r.tap(stranger).reason, Reason::undecryptable);
  const std::string unknown = testing::internal::GetCapturedStderr();
  EXPECT_THAT(unknown, HasSubstr("error=unknown_key "));
  EXPECT_THAT(unknown, HasSubstr(" key_id=" + to_hex(their_id.value())));

  testing::internal::CaptureStderr();
  EXPECT_EQ(r.tap(*r.phone("seat42", {.tamper = true})).reason, Reason::undecryptable);
  const std::string altered = testing::internal::GetCapturedStderr();
  const auto ours = r.terms().front().apple_keys->key_ids().front();
  EXPECT_THAT(altered, HasSubstr("error=auth_failed "));
  EXPECT_THAT(altered, HasSubstr(" key_id=" + to_hex(ours.value())));
  EXPECT_THAT(unknown + altered, Not(HasSubstr("seat42")));
}

TEST_F(TapFlow, RecordsAPayloadThatIsNotOfThisTemplate) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.phone("NOT OURS")).reason, Reason::wrong_template);
  EXPECT_EQ(r.typed(), "");
}

TEST_F(TapFlow, TypesNothingWhenAPayloadWouldPressEnter) {
  test::FlowRig& r = rig({.type = "{payload}\n", .pattern = "(?s)^(?P<pass_id>[a-z]+).*$"});
  const auto report = r.tap(*r.phone("ok\nrm -rf /\n"));
  EXPECT_EQ(report.decision, Decision::admit);
  EXPECT_EQ(report.typed, daemon::Typed::untypable);
  EXPECT_EQ(r.typed(), "");
}

TEST_F(TapFlow, WedgeTypesEveryTimeAndJudgesNobody) {
  test::FlowRig& r = rig({.wedge = true});
  for (int i = 0; i < 2; ++i) {
    const auto report = r.tap(*r.phone("seat42"));
    EXPECT_EQ(report.decision, Decision::read);
    EXPECT_FALSE(report.use_no);
  }
  EXPECT_EQ(r.typed(), "seat42\nseat42\n");
  EXPECT_EQ(journalled().size(), 2U);
}

TEST_F(TapFlow, DeniesWhenTheMirrorIsMissing) {
  test::FlowRig& r = rig({.provider = "main"});
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::stale_cache);
}

TEST_F(TapFlow, AdmitsNobodyOnAFullDiskAndSomebodyWhenThereIsRoomAgain) {
  gate::FaultyDisk disk;
  test::FlowRig& r = rig({.vfs = disk.vfs()});
  r.tap(*r.phone("first"));
  disk.set_free_bytes(0);
  const auto report = r.tap(*r.phone("seat42"));
  EXPECT_EQ(report.decision, Decision::deny);
  EXPECT_EQ(report.reason, Reason::out_of_order);
  EXPECT_EQ(r.lamp.shown.back(), Signal::fault);
  EXPECT_EQ(r.typed(), "first\n");
  EXPECT_FALSE(r.journal->healthy());
  disk.set_free_bytes(std::nullopt);
  EXPECT_EQ(r.tap(*r.phone("seat42")).decision, Decision::admit);
  EXPECT_TRUE(r.journal->healthy());
  rig_.reset();
}

TEST_F(TapFlow, WedgeGoesOnTypingOnAFullDisk) {
  gate::FaultyDisk disk;
  test::FlowRig& r = rig({.wedge = true, .vfs = disk.vfs()});
  disk.set_free_bytes(0);
  EXPECT_EQ(r.tap(*r.phone("seat42")).typed, daemon::Typed::typed);
  EXPECT_EQ(r.typed(), "seat42\n");
  EXPECT_FALSE(r.journal->healthy());
  rig_.reset();
}

TEST_F(TapFlow, RemembersAcrossARestart) {
  rig();
  rig_->tap(*rig_->phone("seat42"));
  rig_.reset();
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::already_redeemed);
}

}  // namespace
}  // namespace passgate
