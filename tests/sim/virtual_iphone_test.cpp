// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/virtual_iphone.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "apdu/apple_vas.h"
#include "crypto/vas_key_ring.h"
#include "crypto/vas_phone.h"
#include "sim/tap/hostile_phone.h"
#include "sim/tap/phone_channel.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {
namespace {

using apdu::ApplePasses;
using apdu::AppleVasSession;
using apdu::CommandApdu;
using apdu::Outcome;

const PassTypeId kTicket{"pass.com.example.ticket"};
const PassTypeId kLoyalty{"pass.com.example.loyalty"};

SecretBytes copy_of(const SecretBytes& key) {
  Bytes bytes(key.expose().begin(), key.expose().end());
  return SecretBytes::take(bytes);
}

/// A terminal that holds the key of each pass type, and a phone with the passes.
class VirtualIphoneTest : public ::testing::Test {
 protected:
  WalletPass pass(const PassTypeId& id, std::string_view message) const {
    return {id, copy_of(key_), Bytes(message.begin(), message.end())};
  }
  VirtualIphone phone(std::vector<WalletPass> passes, IphoneOptions options = {}) const {
    return {std::move(passes), options, clock_};
  }
  template <class... Passes>
  VirtualIphone phone_with(Passes... passes) const {
    std::vector<WalletPass> all;
    (all.push_back(std::move(passes)), ...);
    return phone(std::move(all));
  }
  VirtualIphone ticket_phone(IphoneOptions options) const {
    std::vector<WalletPass> all;
    all.push_back(pass(kTicket, "T-1"));
    return phone(std::move(all), options);
  }

  Result<Outcome> tap(Phone& phone, const std::vector<PassTypeId>& asked) const {
    apdu::VasRequest request;
    for (const auto& id : asked) request.merchants.push_back(crypto::merchant_hash(id));
    AppleVasSession session(std::move(request));
    PhoneChannel channel(phone);
    return apdu::drive(session, channel, clock_);
  }
  crypto::VasKeyRing ring(const PassTypeId& id) const {
    crypto::VasKeyRing made(id);
    EXPECT_TRUE(made.add(key_));
    return made;
  }
  std::string open(const Result<Outcome>& outcome, std::size_t index, const PassTypeId& id) const {
    const auto opened = ring(id).open(std::get<ApplePasses>(*outcome).sealed.at(index).cryptogram);
    EXPECT_TRUE(opened);
    return opened ? std::string(text_of(opened->payload.expose())) : std::string();
  }

  SecretBytes key_ = crypto::new_private_key_pem();
  ManualClock clock_;
};

TEST_F(VirtualIphoneTest, GivesItsPassToTheTerminalThatHoldsTheKey) {
  auto phone = phone_with(pass(kTicket, "838b8cf60dac2bfad9"));
  const auto outcome = tap(phone, {kTicket});
  ASSERT_TRUE(outcome && std::holds_alternative<ApplePasses>(*outcome));
  EXPECT_EQ(open(outcome, 0, kTicket), "838b8cf60dac2bfad9");
}

RC_GTEST_FIXTURE_PROP(VirtualIphoneTest, CarriesAnyMessageUpTo64BytesUnchanged, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 65);
  const auto message = *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
  auto phone = phone_with(pass(kTicket, message));
  const auto outcome = tap(phone, {kTicket});
  RC_ASSERT(outcome && std::holds_alternative<ApplePasses>(*outcome));
  RC_ASSERT(open(outcome, 0, kTicket) == message);
}

TEST_F(VirtualIphoneTest, CutsALongerMessageAfter64Bytes) {
  auto phone = phone_with(pass(kTicket, std::string(65, 'x')));
  EXPECT_EQ(open(tap(phone, {kTicket}), 0, kTicket), std::string(64, 'x'));
}

TEST_F(VirtualIphoneTest, GivesSeveralPassesInOneTapInTheOrderAsked) {
  auto phone = phone_with(pass(kTicket, "T-1"), pass(kLoyalty, "L-1"));
  const auto outcome = tap(phone, {kLoyalty, PassTypeId("pass.com.example.none"), kTicket});
  ASSERT_TRUE(outcome && std::holds_alternative<ApplePasses>(*outcome));
  EXPECT_EQ(std::get<ApplePasses>(*outcome).sealed.size(), 2U);
  EXPECT_EQ(open(outcome, 0, kLoyalty), "L-1");
  EXPECT_EQ(open(outcome, 1, kTicket), "T-1");
}

TEST_F(VirtualIphoneTest, SaysItHasNoPassWhenItHasNone) {
  auto phone = phone_with(pass(kLoyalty, "L-1"));
  const auto outcome = tap(phone, {kTicket});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(std::holds_alternative<apdu::NoMatchingPass>(*outcome));
}

TEST_F(VirtualIphoneTest, SaysItIsLocked) {
  auto phone = ticket_phone({.state = PhoneState::locked});
  const auto outcome = tap(phone, {kTicket});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(std::holds_alternative<apdu::PhoneLocked>(*outcome));
}

TEST_F(VirtualIphoneTest, SaysItsOwnerHasToChoose) {
  auto phone = ticket_phone({.state = PhoneState::choose});
  const auto outcome = tap(phone, {kTicket});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(std::holds_alternative<apdu::ChooseOnPhone>(*outcome));
}

TEST_F(VirtualIphoneTest, StampsWithItsOwnClock) {
  const auto stamped = [&](IphoneOptions options) {
    auto phone = ticket_phone(options);
    const auto outcome = tap(phone, {kTicket});
    return ring(kTicket).open(std::get<ApplePasses>(*outcome).sealed.at(0).cryptogram)->stamped_at;
  };
  EXPECT_EQ(stamped({}), clock_.wall);
  EXPECT_EQ(stamped({.stamp_skew = std::chrono::seconds{-900}}),
            clock_.wall - std::chrono::seconds{900});
  const auto fixed = *from_rfc3339("2024-02-29T12:00:00Z");
  EXPECT_EQ(stamped({.stamp = fixed}), fixed);
}

TEST_F(VirtualIphoneTest, ATamperedPassDoesNotOpen) {
  auto phone = ticket_phone({.tamper = true});
  const auto outcome = tap(phone, {kTicket});
  ASSERT_TRUE(outcome && std::holds_alternative<ApplePasses>(*outcome));
  const auto opened = ring(kTicket).open(std::get<ApplePasses>(*outcome).sealed[0].cryptogram);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Errc::auth_failed);
}

TEST_F(VirtualIphoneTest, TakesASignupAddress) {
  auto phone = phone_with();
  apdu::VasRequest request;
  request.signup_url = "https://example.com/join";
  AppleVasSession session(request);
  PhoneChannel channel(phone);
  const auto outcome = apdu::drive(session, channel, clock_);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(std::holds_alternative<apdu::UrlAccepted>(*outcome));
}

/// Status word of the answer to one raw command, hex.
class VirtualIphoneWire : public VirtualIphoneTest {
 protected:
  std::string status(const std::string& command) {
    const auto answer = phone_.answer(*from_hex(command));
    return to_hex(ByteView(*answer).last(2));
  }
  std::string select() { return status("00a404000a4f53452e5641532e303100"); }
  /// GET VAS DATA with these TLVs, for a merchant it has a pass of.
  std::string ask(const std::string& p1p2, const std::string& tlvs) {
    const auto length = static_cast<std::uint8_t>(tlvs.size() / 2);
    return status("80ca" + p1p2 + to_hex({&length, 1}) + tlvs + "00");
  }
  std::string merchant() const { return "9f2520" + to_hex(crypto::merchant_hash(kTicket).value()); }

  static constexpr const char* kVersion = "9f22020100";
  static constexpr const char* kVasOnly = "9f260400800002";
  static constexpr const char* kVasAndPayment = "9f260400800001";
  VirtualIphone phone_ = phone_with(pass(kTicket, "T-1"));
};

TEST_F(VirtualIphoneWire, AnswersSelectWithAFreshNonceAndTheCapabilitiesOfAHandsetAtRest) {
  const auto select = *from_hex("00a404000a4f53452e5641532e303100");
  const auto first = to_hex(*phone_.answer(select));
  const auto second = to_hex(*phone_.answer(select));
  EXPECT_EQ(first.substr(0, 40), "6f1d50084170706c655061799f210201009f2404");
  EXPECT_EQ(first.substr(48), "9f23040000001e9000");
  EXPECT_NE(first, second);
}

TEST_F(VirtualIphoneWire, RefusesDataBeforeItsAppletIsSelected) {
  EXPECT_EQ(ask("0101", kVersion + merchant() + kVasOnly), "6d00");
  select();
  EXPECT_EQ(ask("0101", kVersion + merchant() + kVasOnly), "9000");
  phone_.activate();
  EXPECT_EQ(ask("0101", kVersion + merchant() + kVasOnly), "6d00");
}

TEST_F(VirtualIphoneWire, KnowsNoOtherAppletAndSelectingOneDeselectsItself) {
  EXPECT_EQ(select(), "9000");
  EXPECT_EQ(status("00a404000e325041592e5359532e444446303100"), "6a82");
  EXPECT_EQ(ask("0101", kVersion + merchant() + kVasOnly), "6d00");
}

TEST_F(VirtualIphoneWire, RefusesWrongParametersLengthsAndClasses) {
  select();
  const std::string good = kVersion + merchant() + kVasOnly;
  EXPECT_EQ(ask("0001", good), "6b00");
  EXPECT_EQ(ask("0102", good), "6b00");
  EXPECT_EQ(status("80ca010105" + std::string(kVersion)), "6700");  // no Le
  EXPECT_EQ(status("80ca010100"), "6700");                          // no data
  EXPECT_EQ(status("80ca0101099f2202010000"), "6700");              // Lc lies
  EXPECT_EQ(status("00ca010105" + std::string(kVersion) + "00"), "6e00");
  EXPECT_EQ(status("80cb010105" + std::string(kVersion) + "00"), "6d00");
}

TEST_F(VirtualIphoneWire, RefusesDataThatIsNotWhatTheProtocolSays) {
  select();
  const std::string v = kVersion;
  const std::string m = merchant();
  const std::string c = kVasOnly;
  EXPECT_EQ(ask("0101", v + c), "6a80");                               // no merchant
  EXPECT_EQ(ask("0101", m + c), "6a80");                               // no version
  EXPECT_EQ(ask("0101", v + m), "6a80");                               // no capabilities
  EXPECT_EQ(ask("0101", "9f22020200" + m + c), "6a80");                // another version
  EXPECT_EQ(ask("0101", v + "9f251f" + m.substr(6, 62) + c), "6a80");  // 31-byte merchant
  EXPECT_EQ(ask("0101", v + m + "9f260400800042"), "6a80");            // reserved bit
  EXPECT_EQ(ask("0101", v + m + c + "9f280301020304"), "6a80");        // TLV length lies
  EXPECT_EQ(ask("0101", v + m + c + "9f2803010203"), "6a80");          // 3-byte nonce
  EXPECT_EQ(ask("0101", v + m + c + "9f2b050000000000"), "6a80");      // filter 00…
  EXPECT_EQ(ask("0101", v + m + c + m), "6a80");                       // merchant twice
  EXPECT_EQ(ask("0100", v + m + c + "9f290161"), "6a80");              // merchant in URL mode
  EXPECT_EQ(ask("0100", v + c), "6a80");                               // no URL in URL mode
  EXPECT_EQ(ask("0100", v + c + "9f290161"), "9000");
}

TEST_F(VirtualIphoneWire, TakesTheKnownOptionsInAnyOrder) {
  select();
  EXPECT_EQ(ask("0101", std::string("9f2b0501000000009f280401020304") + kVasAndPayment +
                            merchant() + kVersion + "9f290161"),
            "9000");
}

TEST_F(VirtualIphoneWire, GivesOnePassAnActivationInVasOnlyMode) {
  select();
  const std::string only = kVersion + merchant() + kVasOnly;
  EXPECT_EQ(ask("0101", only), "9000");
  EXPECT_EQ(ask("0101", only), "6a83");
  phone_.activate();
  select();
  EXPECT_EQ(ask("0101", only), "9000");
  EXPECT_EQ(ask("0101", kVersion + merchant() + kVasAndPayment), "9000");
}

TEST_F(VirtualIphoneWire, GivesNothingInPaymentOnlyMode) {
  select();
  EXPECT_EQ(ask("0101", kVersion + merchant() + "9f260400800003"), "6a83");
}

class HostilePhoneTest : public VirtualIphoneTest,
                         public ::testing::WithParamInterface<Hostility> {};

TEST_P(HostilePhoneTest, NeverLooksLikeAPass) {
  HostilePhone phone(GetParam());
  const auto outcome = tap(phone, {kTicket, kLoyalty});
  if (!outcome) return;  // an error is the ordinary end
  if (const auto* passes = std::get_if<ApplePasses>(&*outcome)) {
    for (const auto& sealed : passes->sealed) EXPECT_FALSE(ring(kTicket).open(sealed.cryptogram));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, HostilePhoneTest,
                         ::testing::Values(Hostility::lying_fci, Hostility::lying_lengths,
                                           Hostility::endless_61, Hostility::endless_6c,
                                           Hostility::empty, Hostility::one_byte,
                                           Hostility::oversize, Hostility::deep, Hostility::garbage,
                                           Hostility::leaves),
                         [](const auto& kind) {
                           std::string text(name(kind.param));
                           std::ranges::replace(text, '-', '_');
                           return text;
                         });

TEST(PhoneChannel, IsEmptyOnceReleased) {
  HostilePhone phone(Hostility::garbage);
  PhoneChannel channel(phone);
  channel.release();
  const auto answer = channel.transmit(CommandApdu::case1(0, 0xA4, 4, 0));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Errc::card_removed);
}

}  // namespace
}  // namespace passgate::sim::test
