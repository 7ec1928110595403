// SPDX-License-Identifier: Apache-2.0
// What `passgate-sim tap` makes of its options: the phone a terminal then meets.
#include "sim/tap/phone_choice.h"

#include <gtest/gtest.h>
#include <sysexits.h>

#include <fstream>
#include <functional>

#include "apdu/smart_tap.h"
#include "apdu/smart_tap_object.h"
#include "crypto/vas_phone.h"
#include "sim/tap/phone_channel.h"
#include "tests/rig/temp_folder.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {
namespace {

const CollectorId kCollector{20260101};

class PhoneChoiceTest : public ::testing::Test {
 protected:
  PhoneChoiceTest() {
    const auto key = crypto::new_private_key_pem();
    EXPECT_TRUE(keys_.add(3, key));
    std::ofstream(folder_ / "key.pem") << text_of(key.expose());
    google_.wallet = "google";
    google_.collector_id = kCollector.value();
    google_.key_version = 3;
    google_.key_file = (folder_ / "key.pem").string();
    google_.payload = "2018";
  }

  Result<apdu::Outcome> tap(const PhoneChoice& choice) const {
    const auto phone = make_phone(choice, 0, clock_);
    if (!phone) {
      ADD_FAILURE() << phone.error().message;
      return fail(Errc::stopped);
    }
    apdu::SmartTapRequest request;
    request.attempts.push_back({.collector = kCollector,
                                .key_version = 3,
                                .sign = [this](ByteView message) { return keys_.sign(3, message); },
                                .ephemeral = crypto::SmartTapEphemeral::make()});
    apdu::SmartTapSession session(std::move(request));
    PhoneChannel channel(**phone);
    return apdu::drive(session, channel, clock_);
  }
  apdu::SmartTapObject object_of(const PhoneChoice& choice) const {
    const auto outcome = tap(choice);
    auto opened = apdu::open_bundle(std::get<apdu::GooglePasses>(*outcome).sealed);
    return std::move(opened->at(0));
  }
  /// The refusal of a choice; status 0: there was none.
  ChoiceError refusal(PhoneChoice choice, const std::function<void(PhoneChoice&)>& spoil) const {
    spoil(choice);
    const auto phone = make_phone(choice, 0, clock_);
    return phone ? ChoiceError{EX_OK, ""} : phone.error();
  }

  ::passgate::test::TempFolder folder_;
  crypto::CollectorKeys keys_{kCollector};
  PhoneChoice google_;
  ManualClock clock_;
};

TEST_F(PhoneChoiceTest, AGoogleWalletHoldsAGenericPassNamedAfterItsPayload) {
  const auto object = object_of(google_);
  EXPECT_EQ(object.kind, apdu::ObjectKind::generic);
  EXPECT_EQ(object.service_number->text, "2018");
  // First 8 bytes of SHA-256("2018"), as sha256sum prints it.
  EXPECT_EQ(to_hex(object.object_id), "152e69cf3c8e76c8");
  EXPECT_FALSE(object.pin);
}

TEST_F(PhoneChoiceTest, AGoogleWalletHoldsThePassThatWasDescribed) {
  auto choice = google_;
  choice.object_type = "event_ticket";
  choice.object_id = "0123456789abcdef";
  choice.pin = "4711";
  choice.older = true;
  choice.frame = 20;
  const auto object = object_of(choice);
  EXPECT_EQ(object.kind, apdu::ObjectKind::event_ticket);
  EXPECT_EQ(to_hex(object.object_id), "0123456789abcdef");
  EXPECT_EQ(object.pin->text, "4711");
}

TEST_F(PhoneChoiceTest, AGoogleWalletHasTheMoodItWasGiven) {
  auto locked = google_;
  locked.locked = true;
  EXPECT_TRUE(std::holds_alternative<apdu::PhoneLocked>(*tap(locked)));
  auto choose = google_;
  choose.choose = true;
  EXPECT_TRUE(std::holds_alternative<apdu::ChooseOnPhone>(*tap(choose)));
  auto none = google_;
  none.no_pass = true;
  EXPECT_TRUE(std::holds_alternative<apdu::NoMatchingPass>(*tap(none)));
  auto tampered = google_;
  tampered.tamper = true;
  const auto outcome = tap(tampered);
  const auto opened = apdu::open_bundle(std::get<apdu::GooglePasses>(*outcome).sealed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Errc::auth_failed);
}

TEST_F(PhoneChoiceTest, RefusesTheOptionsOfTheOtherWallet) {
  for (const auto& spoil : std::initializer_list<std::function<void(PhoneChoice&)>>{
           [](auto& c) { c.pass_type_id = "pass.com.example"; },
           [](auto& c) { c.payload_hex = "00"; }, [](auto& c) { c.stamp_skew_s = 0; },
           [](auto& c) { c.stamp = "2026-11-20T10:00:00Z"; }}) {
    const auto refused = refusal(google_, spoil);
    EXPECT_EQ(refused.status, EX_USAGE);
    EXPECT_TRUE(refused.message.ends_with(" is not for --wallet google")) << refused.message;
  }
  PhoneChoice apple;
  apple.no_pass = true;
  for (const auto& spoil : std::initializer_list<std::function<void(PhoneChoice&)>>{
           [](auto& c) { c.collector_id = 1; }, [](auto& c) { c.key_version = 1; },
           [](auto& c) { c.object_type = "generic"; }, [](auto& c) { c.object_id = "00"; },
           [](auto& c) { c.pin = "1"; }, [](auto& c) { c.older = true; },
           [](auto& c) { c.frame = 250; }}) {
    const auto refused = refusal(apple, spoil);
    EXPECT_EQ(refused.status, EX_USAGE);
    EXPECT_TRUE(refused.message.ends_with(" is not for --wallet apple")) << refused.message;
  }
}

TEST_F(PhoneChoiceTest, SaysWhatIsWrongWithAGoogleWallet) {
  const auto status = [&](const std::function<void(PhoneChoice&)>& spoil) {
    return refusal(google_, spoil).status;
  };
  EXPECT_EQ(status([](auto&) {}), EX_OK);
  EXPECT_EQ(status([](auto& c) { c.collector_id.reset(); }), EX_USAGE);
  EXPECT_EQ(status([](auto& c) { c.key_file.clear(); }), EX_USAGE);
  EXPECT_EQ(status([](auto& c) { c.object_type = "customer"; }), EX_USAGE);
  EXPECT_EQ(status([](auto& c) { c.object_id = "0123"; }), EX_USAGE);
  EXPECT_EQ(status([](auto& c) { c.key_file = "/nonexistent"; }), EX_NOINPUT);
  std::ofstream(folder_ / "none.pem") << "no key";
  EXPECT_EQ(status([&](auto& c) { c.key_file = (folder_ / "none.pem").string(); }), EX_DATAERR);
}

}  // namespace
}  // namespace passgate::sim::test
