// SPDX-License-Identifier: Apache-2.0
// One [[pass]] read from Apple's and from Google's wallet.
#include <gtest/gtest.h>

#include <set>

#include "daemon/tap_flow.h"
#include "sim/tap/hostile_phone.h"
#include "tests/rig/flow_fixture.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using apdu::Signal;
using gate::Decision;
using gate::Reason;
using gate::Wallet;

class BothWallets : public test::FlowFixture {};

TEST_F(BothWallets, AnAndroidPhoneIsAdmittedTypedAndRecorded) {
  test::FlowRig& r = rig();
  const auto report = r.tap(*r.android("seat42"));
  EXPECT_EQ(report.decision, Decision::admit);
  EXPECT_EQ(report.wallet, Wallet::google);
  EXPECT_EQ(r.typed(), "seat42\n");
  EXPECT_EQ(r.lamp.shown, std::vector{Signal::admit});
  ASSERT_EQ(journalled().size(), 1U);
  EXPECT_EQ(journalled()[0].pass_id, "seat42");
  EXPECT_EQ(journalled()[0].wallet, Wallet::google);
}

TEST_F(BothWallets, APassUsedFromOneWalletIsUsedInTheOther) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.android("seat42")).reason, Reason::ok);
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::already_redeemed);
  EXPECT_EQ(r.tap(*r.phone("seat43")).reason, Reason::ok);
  EXPECT_EQ(r.tap(*r.android("seat43")).reason, Reason::already_redeemed);
  ASSERT_EQ(journalled().size(), 4U);
  EXPECT_EQ(journalled()[1].wallet, Wallet::apple);
}

TEST_F(BothWallets, AReusablePassMayComeAgainFromAnAndroidPhoneAtOnce) {
  gate::PassPolicy reusable;
  reusable.uses.reset();
  test::FlowRig& r = rig({.policy = reusable});
  const auto phone = r.android("seat42");
  // Nothing to be seen twice: every bundle is made for a nonce of ours.
  EXPECT_EQ(r.tap(*phone).reason, Reason::ok);
  EXPECT_EQ(r.tap(*phone).reason, Reason::ok);
  r.clock.health = ClockState::unset;  // no stamp, so no need of a trusted clock
  EXPECT_EQ(r.tap(*phone).reason, Reason::ok);
}

TEST_F(BothWallets, TemplatesThatShareKeysAreToldApartByTheirPatterns) {
  test::FlowRig& r = rig({.second_pattern = "^L?(?P<pass_id>[0-9a-z]+)$"});
  EXPECT_EQ(r.tap(*r.phone("seat42")).pass_template, test::kRigTemplate);
  EXPECT_EQ(r.tap(*r.android("seat43")).pass_template, test::kRigTemplate);
  for (const auto& report : {r.tap(*r.phone("L1")), r.tap(*r.android("L2"))}) {
    EXPECT_EQ(report.reason, Reason::ok);
    EXPECT_EQ(report.pass_template, test::kRigSecondTemplate);
  }
  for (const auto& report : {r.tap(*r.phone("?")), r.tap(*r.android("?"))}) {
    EXPECT_EQ(report.reason, Reason::wrong_template);
    EXPECT_EQ(report.pass_template, test::kRigTemplate) << "the first that was asked";
  }
}

TEST_F(BothWallets, TheSameTapIsTheSameInEitherWallet) {
  test::FlowRig& r = rig({.rearm = 3s});
  r.tap(*r.android("seat42"));
  EXPECT_EQ(r.tap(*r.android("seat42")).reason, Reason::same_tap);
  EXPECT_EQ(journalled().size(), 1U);
}

TEST_F(BothWallets, SayWhyNoPassWasRead) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.android("x", {.state = sim::PhoneState::locked})).reason, Reason::locked);
  EXPECT_EQ(r.tap(*r.android("x", {.state = sim::PhoneState::choose})).reason, Reason::choose);
  EXPECT_EQ(r.lamp.shown, (std::vector{Signal::attention, Signal::attention}));
  sim::VirtualAndroid stranger({}, {});
  EXPECT_EQ(r.tap(stranger).reason, Reason::no_pass) << "it does not even know our key";
  EXPECT_TRUE(journalled().empty());
}

/// Two phones in one: Apple's applets and Google's, each by its own SELECT.
class DualPhone final : public sim::Phone {
 public:
  DualPhone(sim::Phone& apple, sim::Phone& google) : apple_(apple), google_(google) {}
  void activate() override {
    apple_.activate();
    google_.activate();
    selected_ = &apple_;
  }
  std::optional<Bytes> answer(ByteView command) override {
    const bool select = command.size() > 5 && command[1] == 0xA4;
    if (select) selected_ = command[5] == 0xA0 ? &google_ : &apple_;  // A0…: SMART TAP 2
    return selected_->answer(command);
  }

 private:
  sim::Phone& apple_;
  sim::Phone& google_;
  sim::Phone* selected_ = nullptr;
};

TEST_F(BothWallets, APhoneThatAnswersToBothIsAskedForApplesPassFirst) {
  test::FlowRig& r = rig();
  const auto apple = r.phone("apples");
  const auto google = r.android("googles");
  DualPhone dual(*apple, *google);
  EXPECT_EQ(r.tap(dual).pass_id, "apples");
}

TEST_F(BothWallets, AVasAttemptLeavesAGooglePassReadable) {
  test::FlowRig& r = rig();
  const auto google = r.android("googles");
  sim::VirtualIphone no_pass({}, {}, r.clock);
  DualPhone without(no_pass, *google);
  EXPECT_EQ(r.tap(without).pass_id, "googles");
  for (const auto kind : {sim::Hostility::lying_fci, sim::Hostility::lying_lengths,
                          sim::Hostility::garbage, sim::Hostility::deep}) {
    r.clock.skipped += 10s;  // not the same tap
    const auto more = r.android("after" + std::to_string(static_cast<int>(kind)));
    sim::HostilePhone broken(kind);
    DualPhone dual(broken, *more);
    const auto report = r.tap(dual);
    // A cryptogram that does not open is a pass, and an answer: nothing follows it.
    const bool gave_a_pass = kind == sim::Hostility::garbage;
    EXPECT_EQ(report.reason, gave_a_pass ? Reason::undecryptable : Reason::ok) << sim::name(kind);
  }
}

TEST_F(BothWallets, ALockedIphoneIsNotAskedForAnythingElse) {
  test::FlowRig& r = rig();
  const auto apple = r.phone("apples", {.state = sim::PhoneState::locked});
  const auto google = r.android("googles");
  DualPhone dual(*apple, *google);
  EXPECT_EQ(r.tap(dual).reason, Reason::locked);
}

TEST_F(BothWallets, ABundleThatIsNotAuthenticIsRecordedAsUndecryptable) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.android("seat42", {.tamper = true})).reason, Reason::undecryptable);
  ASSERT_EQ(journalled().size(), 1U);
  EXPECT_EQ(journalled()[0].pass_id, "");
  EXPECT_EQ(r.typed(), "");
}

TEST_F(BothWallets, AnObjectOfAKindNotAskedForIsNotThePass) {
  test::FlowRig& r = rig({.services = {apdu::ServiceType::loyalty}});
  EXPECT_EQ(r.tap(*r.android("seat42")).reason, Reason::no_pass);
  rig_.reset();
  test::FlowRig& tickets = rig({.services = {apdu::ServiceType::event_ticket}});
  EXPECT_EQ(tickets.tap(*tickets.android("seat42")).reason, Reason::ok);
}

TEST_F(BothWallets, FieldsOfAGoogleObjectMayBeTypedAndAreEmptyForAnApplePass) {
  test::FlowRig& r = rig({.wedge = true, .type = "{pass_id}|{object_type}|{object_id}|{pin}\n"});
  r.tap(*r.android("seat42"));
  r.tap(*r.phone("seat42"));
  EXPECT_EQ(r.typed(), "seat42|event_ticket|0102030405060708|\nseat42|||\n");
}

TEST_F(BothWallets, AHostileAndroidPhoneCostsOneTapAndNothingElse) {
  test::FlowRig& r = rig();
  const auto after = [&](sim::Hostility kind) {
    sim::HostilePhone phone(kind);
    const auto report = r.tap(phone);
    EXPECT_EQ(r.tap(*r.android("next" + std::to_string(static_cast<int>(kind)))).reason,
              Reason::ok);
    return report;
  };
  EXPECT_EQ(after(sim::Hostility::endless_9100).reason, Reason::not_a_wallet);
  EXPECT_EQ(after(sim::Hostility::zlib_bomb).reason, Reason::undecryptable);
  EXPECT_EQ(after(sim::Hostility::lying_ndef).reason, Reason::undecryptable);
}

TEST_F(BothWallets, OneTapTriesAFewPassesNotDozens) {
  test::FlowRig& r = rig({.pattern = "^(?P<pass_id>ticket[0-9]+)$"});
  const auto holding = [&](std::size_t place) {
    std::vector<sim::GoogleObject> objects(20, {.kind = apdu::ObjectKind::generic,
                                                .collector = test::kRigCollector,
                                                .id = {},
                                                .service_number = "no ticket",
                                                .pin = {}});
    objects[place].service_number = "ticket" + std::to_string(place);
    std::vector<sim::KnownCollector> collectors;
    collectors.push_back({.id = test::kRigCollector,
                          .key_version = 1,
                          .key = crypto::CollectorPublicKey::read(r.key()).value()});
    return sim::VirtualAndroid(std::move(collectors), std::move(objects));
  };
  auto early = holding(7);
  EXPECT_EQ(r.tap(early).reason, Reason::ok);
  auto late = holding(8);
  EXPECT_EQ(r.tap(late).reason, Reason::wrong_template);
}

TEST_F(BothWallets, TheObjectIdIsRecordedAndDisplayShowsWhatItNames) {
  test::FlowRig& r = rig({.display = {"pass_id", "object_id"}});
  const auto android = r.tap(*r.android("seat42"));
  EXPECT_EQ(android.display.at("pass_id"), "seat42");
  EXPECT_EQ(android.display.at("object_id"), "0102030405060708");
  const auto iphone = r.tap(*r.phone("seat43"));
  EXPECT_EQ(iphone.display.at("object_id"), "");
  EXPECT_EQ(iphone.display.size(), 2U);
  EXPECT_EQ(journalled()[0].object_id, "0102030405060708");
  EXPECT_EQ(journalled()[1].object_id, "");
}

TEST_F(BothWallets, OlderAndSlowPhonesAreReadToo) {
  test::FlowRig& r = rig();
  EXPECT_EQ(r.tap(*r.android("a", {.older = true})).reason, Reason::ok);
  EXPECT_EQ(r.tap(*r.android("b", {.transient = true})).reason, Reason::ok);
  EXPECT_EQ(r.tap(*r.android("c", {.frame = 16})).reason, Reason::ok);
}

/// Listens to what the reader says.
class Eavesdropper final : public sim::Phone {
 public:
  explicit Eavesdropper(sim::Phone& phone) : phone_(phone) {}
  void activate() override { phone_.activate(); }
  std::optional<Bytes> answer(ByteView command) override {
    if (command.size() > 6 && command[1] == 0x53) {
      // Nonce and ephemeral key, by their place in NEGOTIATE (google-smart-tap.md).
      nonces.insert(to_hex(command.subspan(37, 32)));
      keys.insert(to_hex(command.subspan(70, 33)));
      sessions.insert(to_hex(command.subspan(19, 8)));
    }
    return phone_.answer(command);
  }
  std::set<std::string> nonces, keys, sessions;

 private:
  sim::Phone& phone_;
};

TEST_F(BothWallets, NoNonceKeyOrSessionIsUsedForASecondPhone) {
  test::FlowRig& r = rig();
  const auto android = r.android("seat42");
  Eavesdropper ear(*android);
  for (int i = 0; i < 20; ++i) {
    r.tap(ear);
    r.tap(*r.phone("other" + std::to_string(i)));  // prepared for it in vain
  }
  EXPECT_EQ(ear.nonces.size(), 20U);
  EXPECT_EQ(ear.keys.size(), 20U);
  EXPECT_EQ(ear.sessions.size(), 20U);
}

}  // namespace
}  // namespace passgate
