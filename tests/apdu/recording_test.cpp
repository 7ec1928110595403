// SPDX-License-Identifier: Apache-2.0
#include "apdu/recording.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/apdu/manual_clock.h"

namespace passgate::apdu {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kByHand = R"(
# iPhone, one loyalty pass

profile apple merchants=pass.a,pass.b url=https://x.example mode=vas_and_payment nonce=01020304
key hex:00000000000000000000000000000000000000000000000000000000000000ff
>> 00A4 0400 0A 4F53452E5641532E3031 00
<< 6F00  9000      @38ms
>> 80CA0101 01 00
!! card_removed
== error card_removed
>> 00B00000
<<
== error too_short
=> pass.a unknown_key
)";

TEST(Recording, IsReadAsAPersonWritesIt) {
  const auto recording = parse_recording(kByHand);
  ASSERT_TRUE(recording) << recording.error().line << recording.error().message;
  EXPECT_EQ(recording->profile.merchants,
            (std::vector{PassTypeId("pass.a"), PassTypeId("pass.b")}));
  EXPECT_EQ(recording->profile.url, "https://x.example");
  EXPECT_EQ(recording->profile.mode, VasMode::vas_and_payment);
  EXPECT_EQ(recording->profile.nonce, (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
  EXPECT_FALSE(recording->profile.filter);
  ASSERT_EQ(recording->keys.size(), 1U);
  ASSERT_EQ(recording->contacts.size(), 2U);
  const auto& first = recording->contacts[0];
  ASSERT_EQ(first.exchanges.size(), 2U);
  EXPECT_EQ(to_hex(first.exchanges[0].exchange.command), "00a404000a4f53452e5641532e303100");
  EXPECT_EQ(to_hex(first.exchanges[0].exchange.answer.value()), "6f009000");
  EXPECT_EQ(first.exchanges[0].at, 38ms);
  EXPECT_EQ(first.exchanges[1].exchange.answer, fail(Errc::card_removed));
  EXPECT_EQ(first.outcome, "error card_removed");
  EXPECT_EQ(recording->contacts[1].openings, (std::vector<std::string>{"pass.a unknown_key"}));
}

TEST(Recording, IsWrittenAsItIsRead) {
  const auto recording = parse_recording(kByHand);
  ASSERT_TRUE(recording);
  EXPECT_EQ(to_text(*recording, "one\ntwo"), R"(# one
# two
profile apple merchants=pass.a,pass.b url=https://x.example nonce=01020304 mode=vas_and_payment
key hex:00000000000000000000000000000000000000000000000000000000000000ff
>> 00a40400 0a 4f53452e5641532e3031 00
<< 6f00 9000 @38ms
>> 80ca0101 01 00
!! card_removed
== error card_removed
>> 00b00000
<< 
== error too_short
=> pass.a unknown_key
)");
}

TEST(Recording, MayEndWithoutAnOutcome) {
  const auto recording = parse_recording("profile apple merchants=a\n>> 00b00000\n<< 9000");
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->contacts.at(0).outcome, "");
}

struct Fault {
  int line;
  const char* text;
};
class FaultyRecording : public testing::TestWithParam<Fault> {};
TEST_P(FaultyRecording, IsRefusedWithItsLine) {
  const auto recording = parse_recording(GetParam().text);
  ASSERT_FALSE(recording) << GetParam().text;
  EXPECT_EQ(recording.error().line, GetParam().line) << GetParam().text;
  EXPECT_FALSE(recording.error().message.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Lines, FaultyRecording,
    testing::Values(Fault{0, ""}, Fault{1, "# nothing"}, Fault{1, ">> 00b00000"},
                    Fault{1, "profile"}, Fault{1, "profile google collector=1"},
                    Fault{1, "profile apple"}, Fault{1, "profile apple merchants="},
                    Fault{1, "profile apple merchants=a,,b"}, Fault{1, "profile apple merchants"},
                    Fault{1, "profile apple merchants=a size=3"},
                    Fault{1, "profile apple merchants=a mode=payment"},
                    Fault{1, "profile apple merchants=a nonce=0102"},
                    Fault{1, "profile apple merchants=a filter=01000000zz"},
                    Fault{2, "profile apple merchants=a\nprofile apple merchants=a"},
                    Fault{2, "profile apple merchants=a\nkey 01"},
                    Fault{2, "profile apple merchants=a\nkey hex:01"},
                    Fault{2, "profile apple merchants=a\n>> 00b0zz"},
                    Fault{2, "profile apple merchants=a\n>> 00b0"},
                    Fault{2, "profile apple merchants=a\n>> 00b00000"},
                    Fault{2, "profile apple merchants=a\n<< 9000"},
                    Fault{2, "profile apple merchants=a\n!! card_removed"},
                    Fault{2, "profile apple merchants=a\n== no-matching-pass"},
                    Fault{2, "profile apple merchants=a\n=> a unknown_key"},
                    Fault{2, "profile apple merchants=a\n>>00b00000"},
                    Fault{3, "profile apple merchants=a\n>> 00b00000\n>> 00b00000"},
                    Fault{3, "profile apple merchants=a\n>> 00b00000\n!! too_short"},
                    Fault{3, "profile apple merchants=a\n>> 00b00000\n<< 9000 @38"},
                    Fault{3, "profile apple merchants=a\n>> 00b00000\n<< 9000 @-1ms"},
                    Fault{3, "profile apple merchants=a\n>> 00b00000\n<< 9000 @99999999999ms"},
                    Fault{3, "profile apple merchants=a\n>> 00b00000\n== choose"},
                    Fault{4, "profile apple merchants=a\n>> 00b00000\n<< 9000\n=="},
                    Fault{5, "profile apple merchants=a\n>> 00b00000\n<< 9000\n== x\n== y"}));

TEST(Recording, IsBounded) {
  EXPECT_FALSE(parse_recording(std::string(1024 * 1024 + 1, '#')));
  std::string many = "profile apple merchants=a\n";
  for (int i = 0; i < 1025; ++i) many += ">> 00b00000\n<< 9000\n";
  const auto recording = parse_recording(many);
  ASSERT_FALSE(recording);
  EXPECT_EQ(recording.error().message, "too many exchanges");
}

TEST(RecordingProperty, NeverCrashesOnText) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    (void)parse_recording(text);
    (void)parse_recording("profile apple merchants=a\n>> 00b00000\n<< " + text);
    (void)parse_recording("profile apple " + text);
  }));
}

TEST(ScriptedCard, FailsOnAnUnexpectedCommandAndSaysWhich) {
  ScriptedCard card({{Bytes{0, 1, 2, 3}, Bytes{0x90, 0x00}}, {Bytes{4, 5, 6, 7}, Bytes{}}});
  ASSERT_TRUE(card.transmit(CommandApdu::case1(0, 1, 2, 3)));
  EXPECT_EQ(card.transmit(CommandApdu::case1(4, 5, 6, 8)).error(), Error(Errc::out_of_sequence, 1));
  ASSERT_TRUE(card.mismatch());
  EXPECT_EQ(card.mismatch()->index, 1U);
  EXPECT_EQ(to_hex(card.mismatch()->expected), "04050607");
  EXPECT_EQ(to_hex(card.mismatch()->actual), "04050608");
  EXPECT_FALSE(card.finished());
}

TEST(ScriptedCard, FailsWhenTheScriptIsOver) {
  ScriptedCard card({});
  EXPECT_EQ(card.transmit(CommandApdu::case1(0, 1, 2, 3)).error(), Error(Errc::out_of_sequence));
  ASSERT_TRUE(card.mismatch());
  EXPECT_TRUE(card.mismatch()->expected.empty());
}

TEST(ScriptedCard, IsGoneAfterRelease) {
  ScriptedCard card({{Bytes{0, 1, 2, 3}, Bytes{0x90, 0x00}}});
  card.release();
  EXPECT_TRUE(card.released());
  EXPECT_EQ(card.transmit(CommandApdu::case1(0, 1, 2, 3)).error(), Error(Errc::card_removed));
}

}  // namespace
}  // namespace passgate::apdu
