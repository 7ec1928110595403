// SPDX-License-Identifier: Apache-2.0
#include "apdu/wallet.h"

#include <gtest/gtest.h>

#include <string>

#include "apdu/outcome_text.h"

namespace passgate::apdu {
namespace {

constexpr std::string_view kSelectOse = "00a404000a4f53452e5641532e303100";
constexpr std::string_view kSelectApplet = "00a4040009a000000476d000011100";
constexpr std::string_view kApple = "6f0f50084170706c655061799f21020100";
constexpr std::string_view kAndroid = "6f0c500a416e64726f6964506179";

SmartTapRequest google() {
  SmartTapRequest request;
  request.attempts.push_back({.collector = CollectorId(1),
                              .key_version = 1,
                              .sign = [](ByteView) { return Bytes(70); },
                              .ephemeral = crypto::SmartTapEphemeral::make()});
  return request;
}
VasRequest apple(std::size_t merchants = 1) {
  VasRequest request;
  request.merchants.resize(merchants);
  return request;
}

class Phone {
 public:
  explicit Phone(WalletRequest request) : tap_(std::move(request)), step_(tap_.begin()) {}
  Phone& answers(std::uint16_t sw, std::string_view data = "") {
    const Bytes bytes = from_hex(data).value();
    step_ = tap_.feed(ResponseView(bytes, StatusWord(sw)));
    return *this;
  }
  std::string says() const {
    if (const auto* error = std::get_if<Error>(&step_)) return std::string(name(error->code()));
    if (const auto* outcome = std::get_if<Outcome>(&step_)) return outcome_text(*outcome);
    return to_hex(std::get<CommandApdu>(step_).wire());
  }
  std::size_t exchanges_allowed() const { return tap_.limits().exchanges; }

 private:
  WalletTap tap_;
  Step step_;
};

Phone both() {
  return Phone({.apple = apple(), .google = google()});
}

TEST(WalletOrder, TheLabelDecides) {
  EXPECT_EQ(both().says(), kSelectOse);
  Phone iphone = both();
  EXPECT_EQ(iphone.answers(0x9000, kApple).says().substr(0, 4), "80ca");
  EXPECT_EQ(iphone.exchanges_allowed(), 24U);
  Phone android = both();
  EXPECT_EQ(android.answers(0x9000, kAndroid).says(), kSelectApplet);
  EXPECT_EQ(android.exchanges_allowed(), 80U);
  Phone card = both();
  EXPECT_EQ(card.answers(0x6A82).says(), kSelectApplet);
  EXPECT_EQ(card.answers(0x6A82).says(), "not-a-wallet");
}

TEST(WalletOrder, SmartTapFollowsAVasAttemptThatGaveNoPass) {
  for (const int sw : {0x6A83, 0x6A80, 0x6B00}) {
    Phone phone = both();
    EXPECT_EQ(phone.answers(0x9000, kApple).answers(static_cast<std::uint16_t>(sw)).says(),
              kSelectApplet)
        << sw;
  }
  Phone nonsense = both();
  EXPECT_EQ(nonsense.answers(0x9000, kApple).answers(0x9000, "70FF").says(), kSelectApplet);
  Phone old = both();
  EXPECT_EQ(old.answers(0x9000, "6f0f50084170706c655061799f21020200").says(), kSelectApplet);
}

TEST(WalletOrder, SmartTapDoesNotFollowWhatThePersonMustActUpon) {
  Phone locked = both();
  EXPECT_EQ(locked.answers(0x9000, kApple).answers(0x6287).says(), "phone-locked");
  Phone choose = both();
  EXPECT_EQ(choose.answers(0x9000, kApple).answers(0x6984).says(), "choose-on-phone");
  Phone found = both();
  EXPECT_EQ(found.answers(0x9000, kApple).answers(0x9000, "70079f2a009f270101").says(),
            "apple-passes 1");
}

TEST(WalletOrder, VasHasTheLastWordWhenThereIsNoApplet) {
  Phone none = both();
  EXPECT_EQ(none.answers(0x9000, kApple).answers(0x6A83).answers(0x6A82).says(),
            "no-matching-pass");
  Phone wrong = both();
  EXPECT_EQ(wrong.answers(0x9000, kApple).answers(0x6A80).answers(0x6A82).says(),
            "unexpected_status");
}

TEST(WalletOrder, SmartTapHasTheLastWordWhenItSpoke) {
  Phone phone = both();
  phone.answers(0x9000, kApple).answers(0x6A80).answers(0x9300);
  EXPECT_EQ(phone.says(), "phone-locked");
}

TEST(WalletOrder, OneWalletAloneIsAskedAlone) {
  Phone apple_only({.apple = apple(), .google = {}});
  EXPECT_EQ(apple_only.answers(0x9000, kAndroid).says(), "not-a-wallet AndroidPay");
  Phone apple_none({.apple = apple(), .google = {}});
  EXPECT_EQ(apple_none.answers(0x9000, kApple).answers(0x6A83).says(), "no-matching-pass");
  Phone google_only({.apple = {}, .google = google()});
  EXPECT_EQ(google_only.answers(0x9000, kApple).says(), kSelectApplet);
  EXPECT_EQ(google_only.answers(0x6A82).says(), "not-a-wallet ApplePay");
}

TEST(WalletOrder, ARequestThatCannotBeMadeIsRefusedAtOnce) {
  EXPECT_EQ(Phone({.apple = {}, .google = {}}).says(), "bad_value");
  EXPECT_EQ(Phone({.apple = VasRequest{}, .google = google()}).says(), "bad_value");
  EXPECT_EQ(Phone({.apple = {}, .google = SmartTapRequest{}}).says(), "bad_value");
  Phone late({.apple = apple(), .google = SmartTapRequest{}});
  EXPECT_EQ(late.answers(0x9000, kAndroid).says(), "bad_value");
}

TEST(WalletOrder, TheEndIsFinal) {
  Phone phone = both();
  phone.answers(0x9000, kApple).answers(0x9000, "70079f2a009f270101");
  EXPECT_EQ(phone.answers(0x9000).says(), "out_of_sequence");
  EXPECT_EQ(phone.answers(0x9000).says(), "out_of_sequence");
}

}  // namespace
}  // namespace passgate::apdu
