// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/recorded_phone.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "apdu/outcome_text.h"
#include "sim/tap/phone_channel.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {
namespace {

TEST(RecordedPhone, AnswersByHeaderAloneAndInOrder) {
  RecordedPhone phone({{*from_hex("00a40400"), *from_hex("aa9000")},
                       {*from_hex("80ca010102dead00"), *from_hex("01")},
                       {*from_hex("80ca0101"), *from_hex("02")},
                       {*from_hex("80ca0101"), fail(Errc::card_removed)}});
  const auto ask = [&](const char* hex) { return phone.answer(*from_hex(hex)); };
  EXPECT_EQ(ask("00a404000a4f53452e5641532e303100"), *from_hex("aa9000"));
  EXPECT_EQ(ask("80ca010101ff00"), *from_hex("01"));
  EXPECT_EQ(ask("80ca010101ff00"), *from_hex("02"));
  EXPECT_EQ(ask("80ca010101ff00"), std::nullopt);
  EXPECT_EQ(ask("80ca010101ff00"), *from_hex("6d00"));
  phone.activate();
  EXPECT_EQ(ask("00a404000a4f53452e5641532e303100"), *from_hex("aa9000"));
}

/// Every recorded tap of the project, asked by a reader that sends another
/// nonce and no filter; an Android phone's session is bound to its own.
TEST(RecordedPhone, GivesAnotherReaderTheOutcomeItGaveTheRecordedOne) {
  const ManualClock clock;
  std::size_t contacts = 0;
  for (const auto& file : std::filesystem::directory_iterator(PASSGATE_FIXTURES "/taps")) {
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto recording = apdu::parse_recording(text);
    ASSERT_TRUE(recording) << file.path() << ": " << recording.error().message;
    for (const auto& contact : recording->contacts) {
      auto request = apdu::wallet_request(*recording, contact);
      ASSERT_TRUE(request) << file.path();
      if (request->apple) {
        request->apple->terminal_nonce = {0xDE, 0xAD, 0xBE, 0xEF};
        request->apple->filter.reset();
      }
      RecordedPhone phone(contact.script());
      PhoneChannel channel(phone);
      apdu::WalletTap session(std::move(*request));
      const auto outcome = apdu::drive(session, channel, clock);
      EXPECT_EQ(apdu::outcome_text(outcome), contact.outcome) << file.path();
      ++contacts;
    }
  }
  EXPECT_GT(contacts, 0U);
}

}  // namespace
}  // namespace passgate::sim::test
