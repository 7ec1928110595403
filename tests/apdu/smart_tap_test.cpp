// SPDX-License-Identifier: Apache-2.0
// The order of a Smart Tap conversation and what every answer makes of it. That
// the bytes are right, the published vectors show (smart_tap_vectors_test.cpp).
#include "apdu/smart_tap.h"

#include <gtest/gtest.h>

#include <string>

#include "apdu/ndef.h"
#include "apdu/outcome_text.h"
#include "apdu/tlv.h"
#include "core/require.h"

namespace passgate::apdu {
namespace {

constexpr std::string_view kSelectOse = "00a404000a4f53452e5641532e303100";
constexpr std::string_view kSelectApplet = "00a4040009a000000476d000011100";
constexpr CollectorId kFirst{20260101};
constexpr CollectorId kSecond{20260202};

/// An attempt with fixed ingredients; `n` tells them apart.
SmartTapAttempt attempt(CollectorId collector, std::uint32_t version, std::uint8_t n) {
  Bytes scalar(32, 0x11);
  crypto::SmartTapNonce nonce;
  nonce.fill(n);
  crypto::SmartTapSessionId session;
  session.fill(n);
  auto ephemeral =
      crypto::SmartTapEphemeral::recorded(SecretBytes::take(scalar), nonce, session).value();
  return {.collector = collector,
          .key_version = version,
          .sign = [version](ByteView) { return Bytes(70, static_cast<std::uint8_t>(version)); },
          .ephemeral = std::move(ephemeral)};
}

SmartTapRequest request(std::initializer_list<std::pair<CollectorId, std::uint32_t>> keys) {
  SmartTapRequest all;
  std::uint8_t n = 0;
  for (const auto& [collector, version] : keys) {
    all.attempts.push_back(attempt(collector, version, ++n));
  }
  return all;
}

/// OSE.VAS.01 of an Android phone.
Bytes ose(std::uint8_t capabilities, bool with_nonce = true, std::uint16_t minimum = 0,
          std::uint16_t maximum = 1) {
  Bytes range[2];
  append_be16(range[0], minimum);
  append_be16(range[1], maximum);
  Bytes discretionary;
  append_tlv(discretionary, 0xDF6D, range[0]);
  append_tlv(discretionary, 0xDF4D, range[1]);
  append_tlv(discretionary, 0xDF62, Bytes{capabilities});
  Bytes entry;
  append_tlv(entry, 0x4F, from_hex("a000000476d0000111").value());
  append_tlv(entry, 0x73, discretionary);
  Bytes directory;
  append_tlv(directory, 0x61, entry);
  Bytes proprietary;
  append_tlv(proprietary, 0xBF0C, directory);
  Bytes inside;
  append_tlv(inside, 0x50, bytes_of("AndroidPay"));
  if (with_nonce) append_tlv(inside, 0xC2, Bytes(32, 0xAA));
  append_tlv(inside, 0xA5, proprietary);
  Bytes fci;
  append_tlv(fci, 0x6F, inside);
  return fci;
}

Bytes applet() {
  Bytes nonce(33, 0xBB);
  nonce[0] = 0x04;
  Bytes answer = {0x00, 0x00, 0x00, 0x01};
  append(answer, NdefWriter().add(Tnf::external, "mdn", "mdn", nonce).bytes());
  return answer;
}

Bytes session_record(std::uint8_t n, std::uint8_t sequence, std::uint8_t status = 1) {
  Bytes record(8, n);
  record.push_back(sequence);
  record.push_back(status);
  return record;
}

Bytes negotiated(std::uint8_t n, std::uint8_t sequence = 2, std::uint8_t status = 1) {
  const auto point = attempt(kFirst, 1, n).ephemeral.public_key();  // any point of the curve
  return NdefWriter()
      .add("nrs",
           NdefWriter().add("ses", session_record(n, sequence, status)).add("dpk", point).bytes())
      .bytes();
}

Bytes served(std::uint8_t n, std::uint8_t sequence = 4, std::uint8_t status = 1) {
  NdefWriter inside;
  inside.add("ses", session_record(n, sequence, status));
  if (status == 1) inside.add("reb", Bytes{0x00, 0xD0, 0x00, 0x00});
  return NdefWriter().add("srs", inside.bytes()).bytes();
}

/// Talks to a session as a phone would.
class Phone {
 public:
  explicit Phone(SmartTapRequest request,
                 SmartTapSession::Entry entry = SmartTapSession::Entry::ose)
      : session_(std::move(request), entry), step_(session_.begin()) {}

  Phone& answers(std::uint16_t sw, const Bytes& data = {}) {
    step_ = session_.feed(ResponseView(data, StatusWord(sw)));
    return *this;
  }
  /// Up to the GET DATA of the n-th attempt.
  Phone& negotiates(std::uint8_t n = 1) {
    return answers(0x9000, ose(0x03)).answers(0x9000, negotiated(n));
  }
  std::string says() const {
    if (const auto* error = std::get_if<Error>(&step_)) {
      return std::string(name(error->code())) + ' ' + std::to_string(error->detail());
    }
    if (const auto* outcome = std::get_if<Outcome>(&step_)) return outcome_text(*outcome);
    return to_hex(std::get<CommandApdu>(step_).wire());
  }
  std::string command() const { return says().substr(0, 4); }
  /// Sequence number of the request under way: the byte before the status of `ses`.
  int sequence() const {
    const auto message = NdefMessage::parse(std::get<CommandApdu>(step_).data()).value();
    const auto inside = message.inside(message.records()[0], 2).value();
    return inside.find("ses")->payload[8];
  }
  std::uint32_t key_version() const {
    const auto message = NdefMessage::parse(std::get<CommandApdu>(step_).data()).value();
    const auto inside = message.inside(message.records()[0], 2).value();
    return be32(inside.find("cpr")->payload.subspan(66, 4));
  }

 private:
  SmartTapSession session_;
  Step step_;
};

TEST(SmartTapOrder, SkipsTheSecondSelectWhenThePhoneAllowsItAndGaveANonce) {
  EXPECT_EQ(Phone(request({{kFirst, 1}})).says(), kSelectOse);
  EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(0x9000, ose(0x03)).command(), "9053");
  EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(0x9000, ose(0x02)).says(), kSelectApplet);
  EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(0x9000, ose(0x03, false)).says(), kSelectApplet);
}

TEST(SmartTapOrder, TriesTheAppletWhenAnotherWalletAnswersOrNone) {
  for (const int sw : {0x6A82, 0x6D00, 0x9404}) {
    EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(static_cast<std::uint16_t>(sw)).says(),
              kSelectApplet);
  }
  const Bytes samsung = from_hex("6f0f500d53616d73756e6757616c6c6574").value();
  Phone other(request({{kFirst, 1}}));
  EXPECT_EQ(other.answers(0x9000, samsung).says(), kSelectApplet);
  EXPECT_EQ(other.answers(0x6A82).says(), "not-a-wallet SamsungWallet");
  Phone google_behind_it(request({{kFirst, 1}}));
  EXPECT_EQ(google_behind_it.answers(0x9000, samsung).answers(0x9000, applet()).command(), "9053");
}

TEST(SmartTapOrder, TriesTheAppletWhenOseAnswersNonsense) {
  EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(0x9000, Bytes{0x6F, 0x7F}).says(), kSelectApplet);
  Bytes odd_nonce = ose(0x03, false);  // its template gets a nonce of one byte
  append(odd_nonce, Bytes{0xC2, 0x01, 0xAA});
  odd_nonce[1] = static_cast<std::uint8_t>(odd_nonce[1] + 3);
  EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(0x9000, odd_nonce).says(), kSelectApplet);
}

TEST(SmartTapOrder, BeginsWithTheAppletWhenOseBelongsToAnotherWallet) {
  Phone phone(request({{kFirst, 1}}), SmartTapSession::Entry::applet);
  EXPECT_EQ(phone.says(), kSelectApplet);
  EXPECT_EQ(phone.answers(0x6A82).says(), "not-a-wallet");
}

TEST(SmartTapVersion, MustBeInTheRangeThePhoneOffers) {
  const auto says = [](const Bytes& fci) {
    return Phone(request({{kFirst, 1}})).answers(0x9000, fci).says();
  };
  EXPECT_EQ(says(ose(0x03, true, 2, 3)), "bad_version 2");
  EXPECT_EQ(says(ose(0x03, true, 0, 0)), "bad_version 0");
  EXPECT_EQ(says(ose(0x03, true, 1, 7)).substr(0, 4), "9053");
  Bytes old = applet();
  old[1] = 2;
  EXPECT_EQ(Phone(request({{kFirst, 1}})).answers(0x6A82).answers(0x9000, old).says(),
            "bad_version 2");
}

TEST(SmartTapSequence, ContinuesFromWhatThePhoneSaid) {
  Phone phone(request({{kFirst, 1}}));
  EXPECT_EQ(phone.answers(0x9000, ose(0x03)).sequence(), 1);
  EXPECT_EQ(phone.answers(0x9000, negotiated(1, 0x20)).sequence(), 0x21);
}

TEST(SmartTapSequence, BeginsAtOneWithoutNegotiation) {
  auto open = request({{kFirst, 1}});
  open.attempts[0].sign = nullptr;
  Phone phone(std::move(open));
  EXPECT_EQ(phone.answers(0x9000, ose(0x03)).command(), "9050");
  EXPECT_EQ(phone.sequence(), 1);
}

TEST(SmartTapRetry, RepeatsEachCommandOnceAfterAPassingTrouble) {
  Phone phone(request({{kFirst, 1}}));
  const std::string negotiate = phone.answers(0x9000, ose(0x03)).says();
  EXPECT_EQ(phone.answers(0x9201).command(), "9053");
  EXPECT_EQ(phone.sequence(), 3);
  // All but the sequence number is the same: nonce, key, signature.
  EXPECT_EQ(phone.says().substr(60), negotiate.substr(60));
  EXPECT_EQ(phone.answers(0x9000, negotiated(1, 4)).sequence(), 5);
  EXPECT_EQ(phone.answers(0x9203).sequence(), 7);
  EXPECT_EQ(phone.answers(0x9203).says(), "unexpected_status 37379");
}

TEST(SmartTapRetry, RepeatsWhenTheSessionRecordAsksForIt) {
  Phone phone(request({{kFirst, 1}}));
  phone.negotiates();
  EXPECT_EQ(phone.answers(0x9000, served(1, 4, 8)).command(), "9050");
  EXPECT_EQ(phone.answers(0x9000, served(1, 4, 8)).says(), "wrong_session 8");
}

TEST(SmartTapRetry, RepeatsASelectOnce) {
  Phone phone(request({{kFirst, 1}}));
  EXPECT_EQ(phone.answers(0x9200).says(), kSelectOse);
  EXPECT_EQ(phone.answers(0x9200).says(), "unexpected_status 37376");
}

TEST(SmartTapKeys, TriesTheNextVersionFromSelectOn) {
  Phone phone(request({{kFirst, 7}, {kFirst, 6}}));
  EXPECT_EQ(phone.answers(0x9000, ose(0x03)).key_version(), 7U);
  const std::string before = phone.says();
  EXPECT_EQ(phone.answers(0x9500).says(), kSelectOse);
  EXPECT_EQ(phone.answers(0x9000, ose(0x03)).key_version(), 6U);
  EXPECT_EQ(phone.says().find(before.substr(60, 64)), std::string::npos) << "the nonce is new";
  EXPECT_EQ(phone.answers(0x9500).says(), "unknown_collector 38144");
}

TEST(SmartTapCollectors, AsksTheNextOneOnlyWhenThereWasNoPass) {
  Phone phone(request({{kFirst, 2}, {kFirst, 1}, {kSecond, 1}}));
  phone.negotiates(1);
  EXPECT_EQ(phone.answers(0x9001).says(), kSelectOse);
  phone.answers(0x9000, ose(0x03));
  EXPECT_NE(phone.says().find("0135256a"), std::string::npos);
  phone.answers(0x9000, negotiated(3));
  EXPECT_EQ(phone.answers(0x9000, served(3)).says(), "google-passes 20260202");
}

TEST(SmartTapCollectors, TakesARefusedSecondOneForNoPass) {
  Phone phone(request({{kFirst, 1}, {kSecond, 1}}));
  phone.negotiates(1).answers(0x9001).answers(0x9000, ose(0x03));
  EXPECT_EQ(phone.answers(0x9406).says(), "no-matching-pass");
  Phone lone(request({{kFirst, 1}}));
  EXPECT_EQ(lone.negotiates().answers(0x9406).says(), "too_many_requests 37894");
}

TEST(SmartTapStatus, EndsAsThePhoneSays) {
  const auto after_get_data = [](int sw) {
    return Phone(request({{kFirst, 1}}))
        .negotiates()
        .answers(static_cast<std::uint16_t>(sw))
        .says();
  };
  EXPECT_EQ(after_get_data(0x9000), "no-matching-pass");
  EXPECT_EQ(after_get_data(0x9001), "no-matching-pass");
  EXPECT_EQ(after_get_data(0x9101), "no-matching-pass");
  EXPECT_EQ(after_get_data(0x9102), "no-matching-pass");
  EXPECT_EQ(after_get_data(0x9300), "phone-locked");
  EXPECT_EQ(after_get_data(0x9302), "choose-on-phone");
  EXPECT_EQ(after_get_data(0x93FF), "choose-on-phone");
  for (const int sw : {0x9400, 0x9402, 0x9403, 0x9404, 0x9405, 0x9408, 0x95FF, 0x6985}) {
    EXPECT_EQ(after_get_data(sw), "unexpected_status " + std::to_string(sw));
  }
  EXPECT_EQ(after_get_data(0x9407), "unknown_collector 37895");
  EXPECT_EQ(after_get_data(0x9500), "unknown_collector 38144");
  EXPECT_EQ(after_get_data(0x9502), "bad_version 38146");
}

TEST(SmartTapStatus, OfTheSessionRecordCountsToo) {
  const auto session_says = [](std::uint8_t status) {
    return Phone(request({{kFirst, 1}})).negotiates().answers(0x9000, served(1, 4, status)).says();
  };
  EXPECT_EQ(session_says(0), "wrong_session 0");
  EXPECT_EQ(session_says(2), "wrong_session 2");
  EXPECT_EQ(session_says(3), "bad_version 3");
  EXPECT_EQ(session_says(4), "wrong_session 4");
  EXPECT_EQ(session_says(5), "unknown_collector 5");
  EXPECT_EQ(session_says(9), "wrong_session 9");
  EXPECT_EQ(Phone(request({{kFirst, 1}})).negotiates().answers(0x9000, served(2)).says(),
            "wrong_session 1")
      << "another session's answer";
}

TEST(SmartTapStatus, OfNegotiateIsTheSame) {
  const auto after_negotiate = [](std::uint16_t sw, const Bytes& data = {}) {
    return Phone(request({{kFirst, 1}})).answers(0x9000, ose(0x03)).answers(sw, data).says();
  };
  EXPECT_EQ(after_negotiate(0x9300), "phone-locked");
  EXPECT_EQ(after_negotiate(0x9302), "choose-on-phone");
  EXPECT_EQ(after_negotiate(0x9403), "unexpected_status 37891");
  EXPECT_EQ(after_negotiate(0x9100), "unexpected_status 37120");
  EXPECT_EQ(after_negotiate(0x9000), "too_short 0");
  Bytes bad_point = negotiated(1);
  std::fill(bad_point.end() - 32, bad_point.end(), 0xFF);
  EXPECT_EQ(after_negotiate(0x9000, bad_point), "bad_point 0");
}

TEST(SmartTapFrames, AreJoinedWhereverTheyAreCut) {
  const Bytes whole = served(1);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    Phone phone(request({{kFirst, 1}}));
    phone.negotiates();
    phone.answers(0x9100, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
    EXPECT_EQ(phone.says(), "90c0000000");
    phone.answers(0x9000, Bytes(whole.begin() + static_cast<std::ptrdiff_t>(cut), whole.end()));
    EXPECT_EQ(phone.says(), "google-passes 20260101") << cut;
  }
}

TEST(SmartTapFrames, AreBoundedInNumberAndBytes) {
  Phone endless(request({{kFirst, 1}}));
  endless.negotiates();
  int more = 0;
  while (endless.answers(0x9100, Bytes{0xD4}).says() == "90c0000000") ++more;
  EXPECT_EQ(more, 63);
  EXPECT_EQ(endless.says(), "too_large 0");
  Phone wide(request({{kFirst, 1}}));
  wide.negotiates().answers(0x9100, Bytes(40'000, 0xD4));
  EXPECT_EQ(wide.answers(0x9100, Bytes(40'000, 0xD4)).says(), "too_large 0");
}

TEST(SmartTapRequest, MustAskForSomethingButNotForEverything) {
  EXPECT_EQ(Phone(SmartTapRequest{}).says(), "bad_value 0");
  auto nothing = request({{kFirst, 1}});
  nothing.services.clear();
  EXPECT_EQ(Phone(std::move(nothing)).says(), "bad_value 0");
  SmartTapRequest many;
  for (std::uint8_t n = 0; n < 17; ++n) many.attempts.push_back(attempt(kFirst, n, n));
  EXPECT_EQ(Phone(std::move(many)).says(), "bad_value 0");
}

TEST(SmartTapSessionEnd, IsFinal) {
  Phone phone(request({{kFirst, 1}}));
  EXPECT_EQ(phone.negotiates().answers(0x9300).says(), "phone-locked");
  EXPECT_EQ(phone.answers(0x9000).says(), "out_of_sequence 0");
}

}  // namespace
}  // namespace passgate::apdu
