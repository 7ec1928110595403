// SPDX-License-Identifier: Apache-2.0
#include "apdu/apple_vas.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "apdu/outcome_text.h"
#include "apdu/tlv.h"
#include "core/require.h"

namespace passgate::apdu {
namespace {

constexpr std::string_view kFci = "6f1d50084170706c655061799f210201009f2404c05d48d09f23040000001e";

MerchantHash merchant(std::uint8_t n) {
  std::array<std::uint8_t, 32> hash{};
  hash[31] = n;
  return MerchantHash(hash);
}

/// A pass's answer: an empty token and a cryptogram of one byte.
Bytes pass(std::uint8_t content) {
  return Bytes{0x70, 0x07, 0x9F, 0x2A, 0x00, 0x9F, 0x27, 0x01, content};
}

/// Talks to a session as a phone would.
class Phone {
 public:
  explicit Phone(VasRequest request) : session_(std::move(request)), step_(session_.begin()) {}

  Phone& answers(std::uint16_t sw, const Bytes& data = {}) {
    step_ = session_.feed(ResponseView(data, StatusWord(sw)));
    return *this;
  }
  Phone& selects(std::string_view fci = kFci) { return answers(0x9000, from_hex(fci).value()); }

  const CommandApdu& asked() const {
    PG_REQUIRE(std::holds_alternative<CommandApdu>(step_));
    return std::get<CommandApdu>(step_);
  }
  /// The objects of the last GET VAS DATA.
  std::string asked_for(Tag tag) const {
    const auto list = TlvList::parse(asked().data());
    const auto value = list.value().find(tag);
    return value ? to_hex(*value) : "absent";
  }
  std::string outcome() const {
    if (const auto* error = std::get_if<Error>(&step_))
      return outcome_text(std::unexpected(*error));
    if (const auto* outcome = std::get_if<Outcome>(&step_)) return outcome_text(*outcome);
    return "asks " + to_hex(asked().wire());
  }
  std::vector<SealedVas> passes() const {
    return std::get<ApplePasses>(std::get<Outcome>(step_)).sealed;
  }
  bool selects_again() const {
    const auto* command = std::get_if<CommandApdu>(&step_);
    return command != nullptr && command->ins() == 0xA4;
  }

 private:
  AppleVasSession session_;
  Step step_;
};

VasRequest for_merchants(std::uint8_t count, std::optional<VasMode> mode = {}) {
  VasRequest request;
  for (std::uint8_t i = 1; i <= count; ++i) request.merchants.push_back(merchant(i));
  request.mode = mode;
  return request;
}

TEST(AppleVas, SelectsTheOseFirst) {
  EXPECT_EQ(Phone(for_merchants(1)).outcome(), "asks 00a404000a4f53452e5641532e303100");
}

TEST(AppleVas, AsksForOneMerchantInVasOnlyMode) {
  Phone phone(for_merchants(1));
  phone.selects();
  EXPECT_EQ(phone.asked().p2(), 0x01);
  EXPECT_EQ(phone.asked_for(0x9F22), "0100");
  EXPECT_EQ(phone.asked_for(0x9F25), to_hex(merchant(1).value()));
  EXPECT_EQ(phone.asked_for(0x9F26), "00800002");
  EXPECT_EQ(phone.asked_for(0x9F28), "absent");
  EXPECT_EQ(phone.asked_for(0x9F29), "absent");
  EXPECT_EQ(phone.asked_for(0x9F2B), "absent");
}

TEST(AppleVas, ReadsSeveralPassesInOneTapInPaymentMode) {
  Phone phone(for_merchants(3));
  phone.selects();
  EXPECT_EQ(phone.asked_for(0x9F26), "00800081");
  phone.answers(0x9000, pass(0xA1));
  EXPECT_EQ(phone.asked_for(0x9F26), "00800081");
  phone.answers(0x6A83);
  EXPECT_EQ(phone.asked_for(0x9F26), "00800001") << "bit 7 is clear on the last request";
  phone.answers(0x9000, pass(0xA3));
  ASSERT_EQ(phone.outcome(), "apple-passes 2");
  EXPECT_EQ(phone.passes()[0].merchant, 0U);
  EXPECT_EQ(to_hex(phone.passes()[0].cryptogram), "a1");
  EXPECT_EQ(phone.passes()[1].merchant, 2U);
  EXPECT_EQ(to_hex(phone.passes()[1].cryptogram), "a3");
}

TEST(AppleVas, StopsAtTheFirstPassInVasOnlyMode) {
  Phone phone(for_merchants(3, VasMode::vas_only));
  EXPECT_EQ(phone.selects().answers(0x9000, pass(1)).outcome(), "apple-passes 1");
}

TEST(AppleVas, SaysNoPassWhenNoMerchantHasOne) {
  Phone phone(for_merchants(2));
  EXPECT_EQ(phone.selects().answers(0x6A83).answers(0x6100).outcome(), "no-matching-pass");
}

TEST(AppleVas, ReportsLockedPhoneWhenStatusIs6287) {
  EXPECT_EQ(Phone(for_merchants(2)).selects().answers(0x6287).outcome(), "phone-locked");
}

TEST(AppleVas, ReportsLockedPhoneWhenSecurityStatusIsNotSatisfied) {
  EXPECT_EQ(Phone(for_merchants(2)).selects().answers(0x6982).outcome(), "phone-locked");
}

TEST(AppleVas, AsksToChooseWhenStatusIs6984) {
  EXPECT_EQ(Phone(for_merchants(2)).selects().answers(0x6984).outcome(), "choose-on-phone");
}

class EarlyEnd : public testing::TestWithParam<std::uint16_t> {};
TEST_P(EarlyEnd, KeepsThePassesReadBefore) {
  Phone phone(for_merchants(3));
  phone.selects().answers(0x9000, pass(1)).answers(GetParam());
  EXPECT_EQ(phone.outcome(), "apple-passes 1");
}
INSTANTIATE_TEST_SUITE_P(Statuses, EarlyEnd,
                         testing::Values(0x6287, 0x6982, 0x6984, 0x6700, 0x6A80, 0x6A81));

class Refusal : public testing::TestWithParam<std::uint16_t> {};
TEST_P(Refusal, IsAnErrorThatNamesTheStatus) {
  Phone phone(for_merchants(1));
  const auto outcome = phone.selects().answers(GetParam()).outcome();
  EXPECT_EQ(outcome, outcome_text(fail(Errc::unexpected_status, GetParam())));
}
INSTANTIATE_TEST_SUITE_P(Statuses, Refusal,
                         testing::Values(0x6700, 0x6A80, 0x6A81, 0x6B00, 0x9001, 0x9100, 0x6283,
                                         0x0000, 0x6CFF));

class LostSelection : public testing::TestWithParam<std::uint16_t> {};
TEST_P(LostSelection, IsRepairedOnce) {
  Phone phone(for_merchants(2));
  phone.selects().answers(0x9000, pass(1)).answers(GetParam());
  ASSERT_TRUE(phone.selects_again());
  phone.selects();
  EXPECT_EQ(phone.asked_for(0x9F25), to_hex(merchant(2).value())) << "the same merchant again";
  EXPECT_EQ(phone.answers(0x9000, pass(2)).outcome(), "apple-passes 2");
}
TEST_P(LostSelection, IsAnErrorWhenItHappensAgain) {
  Phone phone(for_merchants(1));
  phone.selects().answers(GetParam()).selects().answers(GetParam());
  EXPECT_EQ(phone.outcome(), outcome_text(fail(Errc::unexpected_status, GetParam())));
}
INSTANTIATE_TEST_SUITE_P(Statuses, LostSelection,
                         testing::Values(0x6A82, 0x6D00, 0x6E00, 0x6985, 0x6F00));

TEST(AppleVas, ReportsTheStatusOfASecondSelectThatFails) {
  Phone phone(for_merchants(1));
  phone.selects().answers(0x6D00).answers(0x6A82);
  EXPECT_EQ(phone.outcome(), "error unexpected_status 6a82");
}

TEST(AppleVas, CallsACardThatRefusesSelectNoWallet) {
  for (const std::uint16_t sw : std::initializer_list<std::uint16_t>{0x6A82, 0x6D00, 0x6283}) {
    EXPECT_EQ(Phone(for_merchants(1)).answers(sw).outcome(), "not-a-wallet");
  }
}

TEST(AppleVas, NamesAnotherWallet) {
  EXPECT_EQ(Phone(for_merchants(1)).selects("6f0f500d53616d73756e6757616c6c6574").outcome(),
            "not-a-wallet SamsungWallet");
  EXPECT_EQ(Phone(for_merchants(1)).selects("6f0c500a416e64726f6964506179").outcome(),
            "not-a-wallet AndroidPay");
  EXPECT_EQ(Phone(for_merchants(1)).selects("").outcome(), "not-a-wallet");
  EXPECT_EQ(Phone(for_merchants(1)).selects("84020102").outcome(), "not-a-wallet");
}

TEST(AppleVas, MakesAStrangersLabelFitForALog) {
  std::string fci = "6f2a5028410a1b";
  for (int i = 0; i < 37; ++i) fci += "42";
  EXPECT_EQ(Phone(for_merchants(1)).selects(fci).outcome(),
            "not-a-wallet A??" + std::string(29, 'B'));
}

TEST(AppleVas, AcceptsTheAnswerToSelectInAnyOrder) {
  Phone phone(for_merchants(1));
  phone.selects("6f199f2102010f9f230400000000df010050084170706c65506179");
  EXPECT_EQ(phone.asked().ins(), 0xCA);
}

TEST(AppleVas, RefusesOtherVersions) {
  EXPECT_EQ(Phone(for_merchants(1)).selects("6f0f50084170706c655061799f21020200").outcome(),
            "error bad_version 512");
  EXPECT_EQ(Phone(for_merchants(1)).selects("6f0a50084170706c65506179").outcome(),
            "error bad_version");
  EXPECT_EQ(Phone(for_merchants(1)).selects("6f0e50084170706c655061799f210101").outcome(),
            "error bad_length");
}

TEST(AppleVas, WantsACryptogramWithSuccess) {
  const auto outcome = [](std::string_view data) {
    return Phone(for_merchants(1)).selects().answers(0x9000, from_hex(data).value()).outcome();
  };
  EXPECT_EQ(outcome("70039f2a00"), "error no_cryptogram");
  EXPECT_EQ(outcome(""), "error no_cryptogram");
  EXPECT_EQ(outcome("9f270101"), "error no_cryptogram") << "outside of its template";
  EXPECT_EQ(outcome("70079f2a009f2740aa"), "error bad_length");
  EXPECT_EQ(outcome("70049f270101"), "apple-passes 1") << "the token may be absent";
}

TEST(AppleVas, KeepsTheMobileToken) {
  Phone phone(for_merchants(1));
  phone.selects().answers(0x9000, from_hex("700b9f2a030102039f2702aabb").value());
  ASSERT_EQ(phone.outcome(), "apple-passes 1");
  EXPECT_EQ(to_hex(phone.passes()[0].mobile_token), "010203");
}

TEST(AppleVas, OffersAUrlWithoutAskingForAPass) {
  VasRequest request;
  request.signup_url = "https://example.com/join";
  Phone phone(request);
  phone.selects();
  EXPECT_EQ(phone.asked().p2(), 0x00);
  EXPECT_EQ(phone.asked_for(0x9F25), "absent");
  EXPECT_EQ(phone.asked_for(0x9F26), "00800002");
  EXPECT_EQ(from_hex(phone.asked_for(0x9F29)).value().size(), 24U);
  EXPECT_EQ(Phone(request).selects().answers(0x9000).outcome(), "url-accepted");
  EXPECT_EQ(Phone(request).selects().answers(0x9000, {0x70}).outcome(), "url-accepted");
  EXPECT_EQ(Phone(request).selects().answers(0x6A83).outcome(), "no-matching-pass");
  EXPECT_EQ(Phone(request).selects().answers(0x6287).outcome(), "phone-locked");
}

TEST(AppleVas, RefusesToAskForNothing) {
  EXPECT_EQ(Phone(VasRequest{}).outcome(), "error bad_value");
}

TEST(AppleVas, BoundsTheUrl) {
  auto request = for_merchants(1);
  request.signup_url = std::string(64, 'u');
  EXPECT_EQ(Phone(request).selects().asked_for(0x9F29).size(), 128U);
  request.signup_url += 'u';
  EXPECT_EQ(Phone(request).outcome(), "error bad_value");
}

TEST(AppleVas, IsOverWhenItIsOver) {
  Phone phone(for_merchants(1));
  phone.selects().answers(0x6287);
  EXPECT_EQ(phone.answers(0x9000).outcome(), "error out_of_sequence");
  EXPECT_EQ(phone.answers(0x9000).outcome(), "error out_of_sequence");
}

TEST(AppleVas, CannotBeBegunTwiceNorFedBeforeItBegins) {
  AppleVasSession twice(for_merchants(1));
  (void)twice.begin();
  EXPECT_EQ(std::get<Error>(twice.begin()), Error(Errc::out_of_sequence));
  AppleVasSession early(for_merchants(1));
  EXPECT_EQ(std::get<Error>(early.feed(ResponseView({}, kSuccess))), Error(Errc::out_of_sequence));
}

}  // namespace
}  // namespace passgate::apdu
