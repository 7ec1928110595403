// SPDX-License-Identifier: Apache-2.0
// The phone and the terminal's own code, each the other's opponent.
#include "sim/tap/virtual_android.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "apdu/smart_tap.h"
#include "apdu/wallet.h"
#include "crypto/vas_phone.h"
#include "sim/tap/phone_channel.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {
namespace {

using apdu::GooglePasses;
using apdu::NoMatchingPass;
using apdu::ObjectKind;
using apdu::Outcome;
using apdu::ServiceType;
using apdu::SmartTapObject;

const CollectorId kCollector{20260101};
const CollectorId kOther{20180608};

GoogleObject object(std::string number, ObjectKind kind = ObjectKind::event_ticket) {
  return {.kind = kind,
          .collector = kCollector,
          .id = {1, 2, 3, 4, 5, 6, 7, 8},
          .service_number = std::move(number)};
}

/// Hands commands on, and keeps how often each was sent.
class CountingPhone final : public Phone {
 public:
  explicit CountingPhone(Phone& phone) : phone_(phone) {}
  void activate() override { phone_.activate(); }
  std::optional<Bytes> answer(ByteView command) override {
    ++sent_[command[1]];
    return phone_.answer(command);
  }
  int sent(std::uint8_t ins) const { return sent_.contains(ins) ? sent_.at(ins) : 0; }

 private:
  Phone& phone_;
  std::map<std::uint8_t, int> sent_;
};

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kNegotiate = 0x53;
constexpr std::uint8_t kGetData = 0x50;

/// A terminal with the keys 1 and 2 of a collector, and phones that know key 1.
class VirtualAndroidTest : public ::testing::Test {
 protected:
  VirtualAndroidTest() {
    EXPECT_TRUE(keys_.add(1, key_));
    EXPECT_TRUE(keys_.add(2, crypto::new_private_key_pem()));
  }

  VirtualAndroid phone(std::vector<GoogleObject> objects, AndroidOptions options = {}) const {
    std::vector<KnownCollector> known;
    for (const auto id : {kCollector, kOther}) {
      known.push_back({id, 1, crypto::CollectorPublicKey::read(key_).value()});
    }
    return {std::move(known), std::move(objects), options};
  }

  apdu::SmartTapAttempt attempt(std::uint32_t version = 1, CollectorId id = kCollector) const {
    return {.collector = id,
            .key_version = version,
            .sign = [this, version](ByteView message) { return keys_.sign(version, message); },
            .ephemeral = crypto::SmartTapEphemeral::make()};
  }
  template <class... Attempts>
  static apdu::SmartTapRequest request(Attempts... attempts) {
    apdu::SmartTapRequest made;
    (made.attempts.push_back(std::move(attempts)), ...);
    return made;
  }

  Result<Outcome> tap(Phone& phone, apdu::SmartTapRequest request) const {
    apdu::WalletTap session({.google = std::move(request)});
    PhoneChannel channel(phone);
    return apdu::drive(session, channel, clock_);
  }
  Result<Outcome> tap(Phone& phone) const { return tap(phone, request(attempt())); }

  static std::vector<SmartTapObject> open(const Result<Outcome>& outcome) {
    if (!outcome || !std::holds_alternative<GooglePasses>(*outcome)) {
      ADD_FAILURE() << "no passes";
      return {};
    }
    auto opened = apdu::open_bundle(std::get<GooglePasses>(*outcome).sealed);
    EXPECT_TRUE(opened);
    return opened ? *std::move(opened) : std::vector<SmartTapObject>();
  }
  static std::string first_number(const Result<Outcome>& outcome) {
    const auto objects = open(outcome);
    return objects.empty() ? "" : objects[0].service_number->text;
  }
  static std::uint8_t flags(const Result<Outcome>& outcome) {
    return std::get<GooglePasses>(*outcome).sealed.bundle.at(0);
  }
  template <class End>
  static bool ended(const Result<Outcome>& outcome) {
    return outcome && std::holds_alternative<End>(*outcome);
  }

  SecretBytes key_ = crypto::new_private_key_pem();
  crypto::CollectorKeys keys_{kCollector};
  ManualClock clock_;
};

TEST_F(VirtualAndroidTest, GivesEveryKindOfPassToItsCollector) {
  for (auto kind = ObjectKind::loyalty; kind != ObjectKind::customer;
       kind = static_cast<ObjectKind>(std::to_underlying(kind) + 1)) {
    auto holder = phone({object("838b8cf60dac2bfad9", kind)});
    const auto objects = open(tap(holder));
    ASSERT_EQ(objects.size(), 2U) << name(kind);
    EXPECT_EQ(objects[0].kind, kind);
    EXPECT_EQ(objects[0].issuer_type, 1);
    EXPECT_EQ(to_hex(objects[0].object_id), "0102030405060708");
    EXPECT_EQ(objects[0].service_number->text, "838b8cf60dac2bfad9");
    EXPECT_FALSE(objects[0].pin);
    EXPECT_EQ(objects[1].kind, ObjectKind::customer);
  }
}

RC_GTEST_FIXTURE_PROP(VirtualAndroidTest, CarriesAnyNumberAndPinUnchanged, ()) {
  auto pass = object(*rc::gen::string<std::string>());
  pass.pin = *rc::gen::nonEmpty(rc::gen::string<std::string>());
  auto holder = phone({pass});
  const auto objects = open(tap(holder));
  RC_ASSERT(!objects.empty());
  RC_ASSERT(text_of(objects[0].service_number->raw) == pass.service_number);
  RC_ASSERT(text_of(objects[0].pin->raw) == pass.pin);
}

TEST_F(VirtualAndroidTest, TellsOfItsOwnerWithAnIdThatStaysAndOneThatIsNewEveryTap) {
  auto holder = phone({object("T-1")});
  const auto first = open(tap(holder)).at(1);
  const auto second = open(tap(holder)).at(1);
  EXPECT_EQ(first.customer_id.size(), 16U);
  EXPECT_EQ(first.tap_id.size(), 16U);
  EXPECT_EQ(first.customer_id, second.customer_id);
  EXPECT_NE(first.tap_id, second.tap_id);
  EXPECT_EQ(first.language, "en");
}

TEST_F(VirtualAndroidTest, GivesSeveralPassesButOnlyThoseAskedFor) {
  auto holder = phone({object("T-1"), object("L-1", ObjectKind::loyalty), object("T-2")});
  auto tickets = request(attempt());
  tickets.services = {ServiceType::event_ticket};
  const auto objects = open(tap(holder, std::move(tickets)));
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].service_number->text, "T-1");
  EXPECT_EQ(objects[1].service_number->text, "T-2");
  EXPECT_EQ(open(tap(holder)).size(), 4U) << "all services: three passes and the customer";
}

TEST_F(VirtualAndroidTest, LetsItsSecondSelectBeSkippedUnlessItIsOlder) {
  for (const bool older : {false, true}) {
    auto holder = phone({object("T-1")}, {.older = older});
    CountingPhone counting(holder);
    EXPECT_EQ(first_number(tap(counting)), "T-1") << older;
    EXPECT_EQ(counting.sent(kSelect), older ? 2 : 1);
  }
}

TEST_F(VirtualAndroidTest, RefusesAKeyItDoesNotKnowUntilTheRightOneComes) {
  auto holder = phone({object("T-1")});
  EXPECT_EQ(tap(holder, request(attempt(2))).error(), Error(Errc::unknown_collector, 0x9500));
  EXPECT_EQ(first_number(tap(holder, request(attempt(2), attempt(1)))), "T-1");
}

TEST_F(VirtualAndroidTest, RefusesTheWrongKeyUnderAKnownVersion) {
  auto holder = phone({object("T-1")});
  auto wrong = attempt(1);
  wrong.sign = [this](ByteView message) { return keys_.sign(2, message); };
  EXPECT_EQ(tap(holder, request(std::move(wrong))).error(), Error(Errc::unknown_collector, 0x9500));
}

TEST_F(VirtualAndroidTest, RefusesASignatureOverAnotherNonce) {
  auto holder = phone({object("T-1")});
  auto wrong = attempt(1);
  wrong.sign = [this](ByteView message) {
    Bytes altered(message.begin(), message.end());
    altered.at(32) ^= 0x01;  // the handset's
    return keys_.sign(1, altered);
  };
  EXPECT_EQ(tap(holder, request(std::move(wrong))).error(), Error(Errc::unknown_collector, 0x9500));
}

TEST_F(VirtualAndroidTest, RefusesACollectorItDoesNotKnow) {
  auto holder = phone({object("T-1")});
  EXPECT_EQ(tap(holder, request(attempt(1, CollectorId(1)))).error(),
            Error(Errc::unknown_collector, 0x9500));
}

TEST_F(VirtualAndroidTest, GivesNothingWithoutAuthenticationUnlessItsObjectsNeedNone) {
  auto anonymous = [this] {
    auto made = attempt();
    made.sign = nullptr;
    return request(std::move(made));
  };
  auto guarded = phone({object("T-1")});
  EXPECT_EQ(tap(guarded, anonymous()).error(), Error(Errc::unknown_collector, 0x9500));

  auto open_hearted = phone({object("T-1")}, {.clear = true});
  const auto outcome = tap(open_hearted, anonymous());
  EXPECT_EQ(first_number(outcome), "T-1");
  EXPECT_EQ(flags(outcome), 0x02) << "compressed only";
  EXPECT_EQ(flags(tap(open_hearted)), 0x03) << "encrypted for whom it can be";
}

TEST_F(VirtualAndroidTest, TakesASignatureMadeBeforeItCame) {
  auto holder = phone({object("T-1")});
  auto before = attempt();
  before.pre_signed = true;
  EXPECT_EQ(first_number(tap(holder, request(std::move(before)))), "T-1");
}

TEST_F(VirtualAndroidTest, CompressesForWhoSaidItInflates) {
  auto holder = phone({object(std::string(900, 'x'))});
  const auto compressed = tap(holder);
  EXPECT_EQ(flags(compressed), 0x03);
  EXPECT_LT(std::get<GooglePasses>(*compressed).sealed.bundle.size(), 300U);
  EXPECT_EQ(first_number(compressed), std::string(900, 'x'));

  for (const auto& capabilities :
       {std::optional<apdu::PosCapabilities>(), {apdu::PosCapabilities{1, 0, 0, 0, 1}}}) {
    auto plain = request(attempt());
    plain.pos_capabilities = capabilities;
    const auto outcome = tap(holder, std::move(plain));
    EXPECT_EQ(flags(outcome), 0x01);
    EXPECT_EQ(first_number(outcome), std::string(900, 'x'));
  }
}

TEST_F(VirtualAndroidTest, CutsItsAnswerIntoFrames) {
  for (const std::size_t frame : {7U, 100U, 250U, 256U}) {
    auto holder = phone({object("T-1")}, {.frame = frame});
    CountingPhone counting(holder);
    EXPECT_EQ(first_number(tap(counting)), "T-1") << frame;
    const int more = counting.sent(0xC0);
    EXPECT_EQ(more > 0, frame < 250) << more;
  }
}

TEST_F(VirtualAndroidTest, FramesOfOneByteAreMoreThanATerminalTakes) {
  auto holder = phone({object("T-1")}, {.frame = 1});
  EXPECT_EQ(tap(holder).error().code(), Errc::too_large);
}

TEST_F(VirtualAndroidTest, StumblesOnceAndIsAskedAgain) {
  auto holder = phone({object("T-1")}, {.transient = true});
  CountingPhone counting(holder);
  EXPECT_EQ(first_number(tap(counting)), "T-1");
  EXPECT_EQ(counting.sent(kNegotiate), 2);
  EXPECT_EQ(counting.sent(kGetData), 2);
}

TEST_F(VirtualAndroidTest, SaysItIsLockedOrItsOwnerHasToChooseWhenItHasAPass) {
  for (const auto state : {PhoneState::locked, PhoneState::choose}) {
    auto holder = phone({object("T-1")}, {.state = state});
    const auto outcome = tap(holder);
    EXPECT_EQ(ended<apdu::PhoneLocked>(outcome), state == PhoneState::locked);
    EXPECT_EQ(ended<apdu::ChooseOnPhone>(outcome), state == PhoneState::choose);
    auto empty = phone({}, {.state = state});
    EXPECT_TRUE(ended<NoMatchingPass>(tap(empty)));
  }
}

TEST_F(VirtualAndroidTest, HasNoPassForAnotherCollectorOrKind) {
  auto of_another = object("T-1");
  of_another.collector = kOther;
  auto holder = phone({of_another});
  const auto outcome = tap(holder);
  ASSERT_TRUE(ended<NoMatchingPass>(outcome));
  const auto& customer = std::get<NoMatchingPass>(*outcome).customer;
  ASSERT_TRUE(customer) << "all services were asked for, the customer's among them";
  const auto opened = apdu::open_bundle(*customer);
  ASSERT_TRUE(opened && opened->size() == 1);
  EXPECT_EQ(opened->front().kind, ObjectKind::customer);

  auto flights = request(attempt());
  flights.services = {ServiceType::flight};
  auto ticket = phone({object("T-1")});
  const auto none = tap(ticket, std::move(flights));
  ASSERT_TRUE(ended<NoMatchingPass>(none));
  EXPECT_FALSE(std::get<NoMatchingPass>(*none).customer);
}

TEST_F(VirtualAndroidTest, TalksToOneCollectorAnActivationUnlessToldOtherwise) {
  auto of_another = object("T-1");
  of_another.collector = kOther;
  auto both = [this] { return request(attempt(), attempt(1, kOther)); };
  auto holder = phone({of_another});
  EXPECT_TRUE(ended<NoMatchingPass>(tap(holder, both())));
  auto patient = phone({of_another}, {.several_collectors = true});
  EXPECT_EQ(first_number(tap(patient, both())), "T-1");
}

TEST_F(VirtualAndroidTest, ATamperedPassDoesNotOpen) {
  auto holder = phone({object("T-1")}, {.tamper = true});
  const auto outcome = tap(holder);
  ASSERT_TRUE(ended<GooglePasses>(outcome));
  const auto opened = apdu::open_bundle(std::get<GooglePasses>(*outcome).sealed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Errc::auth_failed);
}

}  // namespace
}  // namespace passgate::sim::test
