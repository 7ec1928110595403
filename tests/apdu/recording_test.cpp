// SPDX-License-Identifier: Apache-2.0
#include "apdu/recording.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

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
  ASSERT_TRUE(recording->apple);
  EXPECT_FALSE(recording->google);
  EXPECT_EQ(recording->apple->merchants, (std::vector{PassTypeId("pass.a"), PassTypeId("pass.b")}));
  EXPECT_EQ(recording->apple->url, "https://x.example");
  EXPECT_EQ(recording->apple->mode, VasMode::vas_and_payment);
  EXPECT_EQ(recording->apple->nonce, (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
  EXPECT_FALSE(recording->apple->filter);
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

constexpr std::string_view kGoogleByHand = R"(
profile google services=03,40 pcr=none
profile apple merchants=pass.a
attempt collector=20180608 version=2 session=0102030405060708
attempt collector=4275878552 version=1 session=1112131415161718 nonce=NONCE ephemeral=SCALAR signature=3006 pre-signed
>> 90C0000000
<< 9100
== error too_large
>> 90C0000000
<< 9001
== no-matching-pass
=> 20180608 auth_failed
attempt collector=1 version=0 session=2122232425262728
>> 90C0000000
<< 9000
)";
std::string google_by_hand() {
  std::string text(kGoogleByHand);
  text.replace(text.find("NONCE"), 5, std::string(62, '0') + "0a");
  text.replace(text.find("SCALAR"), 6, std::string(62, '0') + "0b");
  return text;
}

TEST(Recording, SaysWhatAReaderAskedAnAndroidPhone) {
  const auto recording = parse_recording(google_by_hand());
  ASSERT_TRUE(recording) << recording.error().line << recording.error().message;
  ASSERT_TRUE(recording->google && recording->apple);
  EXPECT_EQ(recording->google->services,
            (std::vector{ServiceType::loyalty, ServiceType::customer}));
  EXPECT_EQ(recording->google->pos_capabilities, std::nullopt);
  ASSERT_EQ(recording->contacts.size(), 3U);
  const auto& attempts = recording->contacts[0].attempts;
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].collector.value(), 20180608U);
  EXPECT_EQ(attempts[0].key_version, 2U);
  EXPECT_EQ(to_hex(attempts[0].session), "0102030405060708");
  EXPECT_FALSE(attempts[0].authentication);
  EXPECT_EQ(attempts[1].collector.value(), 4275878552U);
  ASSERT_TRUE(attempts[1].authentication);
  EXPECT_EQ(attempts[1].authentication->nonce.back(), 0x0A);
  EXPECT_EQ(attempts[1].authentication->ephemeral.back(), 0x0B);
  EXPECT_EQ(to_hex(attempts[1].authentication->signature), "3006");
  EXPECT_TRUE(attempts[1].authentication->pre_signed);
}

TEST(Recording, GivesAContactWithoutAttemptsThoseBefore) {
  const auto recording = parse_recording(google_by_hand());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->contacts.at(1).attempts, recording->contacts.at(0).attempts);
  ASSERT_EQ(recording->contacts.at(2).attempts.size(), 1U);
  EXPECT_EQ(recording->contacts.at(2).attempts[0].collector.value(), 1U);
}

TEST(Recording, OfAndroidIsWrittenAsItIsRead) {
  const auto recording = parse_recording(google_by_hand());
  ASSERT_TRUE(recording);
  std::string expected = google_by_hand().substr(1);
  const std::string google = expected.substr(0, expected.find('\n') + 1);
  const std::string apple = "profile apple merchants=pass.a\n";
  expected.replace(0, google.size() + apple.size(), apple + google);
  for (auto at = expected.find("90C0"); at != std::string::npos; at = expected.find("90C0")) {
    expected[at + 2] = 'c';
  }
  EXPECT_EQ(to_text(*recording, ""), expected);
}

TEST(Recording, AsksForEverythingWhenAGoogleProfileSaysNothing) {
  const auto recording = parse_recording("profile google\n");
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->google->services, std::vector{ServiceType::all});
  EXPECT_EQ(recording->google->pos_capabilities, kPassesOnly);
  EXPECT_EQ(to_text(*recording, ""), "profile google services=00 pcr=4100000001\n");
}

TEST(Recording, AsksWithWhatTheReaderUsed) {
  const auto recording = parse_recording(google_by_hand());
  ASSERT_TRUE(recording);
  const auto request = wallet_request(*recording, recording->contacts[0]);
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->apple);
  ASSERT_TRUE(request->google);
  const auto& attempts = request->google->attempts;
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_FALSE(attempts[0].sign);
  EXPECT_EQ(to_hex(attempts[0].ephemeral.session()), "0102030405060708");
  ASSERT_TRUE(attempts[1].sign);
  EXPECT_EQ(to_hex(attempts[1].sign({})), "3006");
  EXPECT_TRUE(attempts[1].pre_signed);
  EXPECT_EQ(attempts[1].ephemeral.nonce().back(), 0x0A);
}

TEST(Recording, RefusesAnEphemeralThatIsNoScalar) {
  std::string text = google_by_hand();
  text.replace(text.find(std::string(62, '0') + "0b"), 64, std::string(64, 'f'));
  const auto recording = parse_recording(text);
  ASSERT_TRUE(recording);
  EXPECT_EQ(wallet_request(*recording, recording->contacts[0]).error(), Error(Errc::bad_key));
}

TEST(ObjectTexts, HaveEverythingAnObjectHolds) {
  std::vector<SmartTapObject> objects(2);
  objects[0] = {.kind = ObjectKind::gift_card,
                .issuer_type = 1,
                .issuer_id = {0, 0, 0, 9},
                .object_id = {1, 2},
                .service_number = ObjectValue{ValueFormat::bcd, {0x12}, "12"},
                .pin = ObjectValue{ValueFormat::ascii, {0x34}, "4"},
                .track1 = ObjectValue{ValueFormat::utf8, {0x35}, "5"},
                .track2 = ObjectValue{ValueFormat::utf16, {}, ""}};
  objects[1] = {.kind = ObjectKind::customer, .issuer_type = 2, .tap_id = {7}, .language = "e n\n"};
  EXPECT_EQ(
      object_texts(CollectorId(5), objects),
      (std::vector<std::string>{
          "5 gift_card 0102 bcd 12 pin=ascii:34 track1=utf8:35 track2=utf16: issuer=1:00000009",
          "5 customer - language=hex:65206e0a tap=07 issuer=2:"}));
  EXPECT_EQ(object_texts(CollectorId(5), fail(Errc::bad_compression)),
            (std::vector<std::string>{"5 bad_compression"}));
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

constexpr const char* kAttempt = "attempt collector=1 version=1 session=0102030405060708";
class FaultyAttempt : public testing::TestWithParam<std::string> {};
TEST_P(FaultyAttempt, IsRefusedWithItsLine) {
  const auto recording =
      parse_recording("profile google\n" + GetParam() + "\n>> 00b00000\n<< 9000\n");
  ASSERT_FALSE(recording) << GetParam();
  const auto lines = std::ranges::count(GetParam(), '\n') + 2;
  EXPECT_EQ(recording.error().line, lines) << GetParam() << ": " << recording.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Lines, FaultyAttempt,
    testing::Values("profile google", "profile google services=00", "profile samsung",
                    "profile apple url=x\nprofile apple url=x", ">> 00b00000", "attempt",
                    "attempt collector=1 version=1", "attempt version=1 session=0102030405060708",
                    "attempt collector=4294967296 version=1 session=0102030405060708",
                    "attempt collector=-1 version=1 session=0102030405060708",
                    "attempt collector=1 version=1x session=0102030405060708",
                    "attempt collector=1 version=1 session=01020304050607",
                    std::string(kAttempt) + " nonce=" + std::string(64, '1'),
                    std::string(kAttempt) + " signature=3006 ephemeral=" + std::string(64, '1'),
                    std::string(kAttempt) + " nonce=" + std::string(64, '1') + " ephemeral=" +
                        std::string(64, '1') + " signature=" + std::string(146, '1'),
                    std::string(kAttempt) + " pre-signed", std::string(kAttempt) + " live=1",
                    std::string(kAttempt) + "\n>> 00b00000\n" + kAttempt,
                    std::string(kAttempt) + "\n>> 00b00000\n<< 9000\n" + kAttempt,
                    std::string(kAttempt) + "\n>> 00b00000\n<< 9000\nprofile apple url=x"));

TEST(Recording, EndsWithNoAttemptThatNobodyMade) {
  const std::string tap = std::string(kAttempt) + "\n>> 00b00000\n<< 9000\n== x\n";
  EXPECT_TRUE(parse_recording("profile google\n" + tap));
  EXPECT_FALSE(parse_recording("profile google\n" + tap + kAttempt));
  EXPECT_FALSE(parse_recording(std::string("profile google\n") + kAttempt));
}

class FaultyGoogleProfile : public testing::TestWithParam<const char*> {};
TEST_P(FaultyGoogleProfile, IsRefused) {
  EXPECT_FALSE(parse_recording(std::string("profile google ") + GetParam())) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(
    Lines, FaultyGoogleProfile,
    testing::Values("services=", "services=0", "services=00,", "services=0x", "pcr=41",
                    "pcr=", "pcr", "collector=1",
                    "services=00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00"));

TEST(Recording, TakesAttemptsOnlyWithAGoogleProfile) {
  const std::string tap = std::string(kAttempt) + "\n>> 00b00000\n<< 9000\n";
  EXPECT_TRUE(parse_recording("profile google\n" + tap));
  EXPECT_FALSE(parse_recording("profile apple url=x\n" + tap));
}

TEST(Recording, TakesSixteenAttempts) {
  std::string text = "profile google\n";
  for (int i = 0; i < 16; ++i) text.append(kAttempt).append("\n");
  EXPECT_TRUE(parse_recording(text + ">> 00b00000\n<< 9000\n"));
  EXPECT_FALSE(parse_recording(text + kAttempt + "\n>> 00b00000\n<< 9000\n"));
}

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
    (void)parse_recording("profile google " + text);
    (void)parse_recording("profile google\nattempt " + text);
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
