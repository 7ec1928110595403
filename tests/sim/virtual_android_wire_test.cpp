// SPDX-License-Identifier: Apache-2.0
// The phone against commands made by hand: what a correct terminal never sends.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <string>

#include "apdu/ndef.h"
#include "apdu/tlv.h"
#include "crypto/digest.h"
#include "crypto/vas_phone.h"
#include "sim/tap/virtual_android.h"

namespace passgate::sim::test {
namespace {

using apdu::NdefMessage;
using apdu::NdefWriter;
using apdu::Tnf;

const CollectorId kCollector{20260101};
constexpr const char* kSelectOse = "00a404000a4f53452e5641532e303100";
constexpr const char* kSelectSmartTap = "00a4040009a000000476d000011100";
constexpr const char* kGetMore = "90c0000000";

Bytes number(std::uint32_t value) {
  Bytes payload = {0x04};
  append_be32(payload, value);
  return payload;
}
Bytes versioned(const NdefWriter& inside, std::uint8_t version = 1) {
  Bytes payload = {0x00, version};
  append(payload, inside.bytes());
  return payload;
}

/// A terminal's half, every part of which a test may spoil.
struct Terminal {
  crypto::SmartTapTranscript transcript{.terminal_nonce = {7}, .collector = kCollector};
  Bytes session = Bytes(8, 0x5E);
  std::uint8_t sequence = 1;
  std::uint8_t status = 1;
  std::uint8_t version = 1;
  std::uint8_t authentication = 1;
  std::uint32_t key_version = 1;
  Bytes services = {0x00};
  Bytes capabilities = {0x41, 0, 0, 0, 1};
  NdefWriter merchant = NdefWriter().add("cld", number(kCollector.value()));

  Bytes ses() const {
    Bytes payload = session;
    payload.push_back(sequence);
    payload.push_back(status);
    return payload;
  }
  Bytes cpr(ByteView signature) const {
    Bytes payload(transcript.terminal_nonce.begin(), transcript.terminal_nonce.end());
    payload.push_back(authentication);
    append(payload, transcript.terminal_key);
    append_be32(payload, key_version);
    Bytes sig = {0x04};
    append(sig, signature);
    append(payload,
           NdefWriter().add("sig", sig).add("cld", number(transcript.collector.value())).bytes());
    return payload;
  }
  Bytes ngr(ByteView signature) const {
    return NdefWriter()
        .add("ngr", versioned(NdefWriter().add("ses", ses()).add("cpr", cpr(signature)), version))
        .bytes();
  }
  Bytes slr() const {
    NdefWriter list;
    for (const auto service : services) list.add("str", {&service, 1});
    return list.bytes();
  }
  Bytes srq() const {
    NdefWriter inside;
    inside.add("ses", ses()).add("mer", merchant.bytes()).add("slr", slr());
    if (!capabilities.empty()) inside.add("pcr", capabilities);
    return NdefWriter().add("srq", versioned(inside, version)).bytes();
  }
};

Bytes command(std::uint8_t ins, ByteView data) {
  Bytes wire = {0x90, ins, 0x00, 0x00, static_cast<std::uint8_t>(data.size())};
  append(wire, data);
  wire.push_back(0x00);
  return wire;
}

class VirtualAndroidWire : public ::testing::Test {
 protected:
  VirtualAndroidWire() {
    EXPECT_TRUE(keys_.add(1, key_));
    terminal_.transcript.terminal_key = crypto::SmartTapEphemeral::make().public_key();
  }

  VirtualAndroid phone(AndroidOptions options) const {
    std::vector<KnownCollector> known;
    known.push_back({kCollector, 1, crypto::CollectorPublicKey::read(key_).value()});
    return {std::move(known),
            {{.kind = apdu::ObjectKind::loyalty, .collector = kCollector, .service_number = "L"}},
            options};
  }

  Bytes send(ByteView wire) {
    auto answer = phone_.answer(wire);
    EXPECT_TRUE(answer && answer->size() >= 2);
    return answer.value_or(Bytes(2));
  }
  std::string status(ByteView wire) { return to_hex(ByteView(send(wire)).last(2)); }
  std::string status(const std::string& hex) { return status(*from_hex(hex)); }

  /// SELECT SMART TAP 2; the terminal takes the nonce from its answer.
  std::string select() {
    const auto answer = send(*from_hex(kSelectSmartTap));
    const ByteView nonce = ByteView(answer).last(34).first(32);
    std::ranges::copy(nonce, terminal_.transcript.handset_nonce.begin());
    return to_hex(ByteView(answer).last(2));
  }
  Bytes signature(const crypto::SmartTapTranscript& over) const {
    return keys_.sign(1, over.bytes());
  }
  Bytes negotiation() const {
    return command(0x53, terminal_.ngr(signature(terminal_.transcript)));
  }
  std::string negotiate() { return status(negotiation()); }
  Bytes question() const { return command(0x50, terminal_.srq()); }
  /// GET DATA in the next step.
  std::string ask() {
    terminal_.sequence = static_cast<std::uint8_t>(terminal_.sequence + 2);
    return status(question());
  }
  /// Status of NEGOTIATE, or of GET DATA after a good one, with one thing wrong.
  using Spoil = std::function<void(Terminal&)>;
  std::string negotiate_with(const Spoil& spoil) {
    const Terminal good = terminal_;
    phone_.activate();
    select();
    spoil(terminal_);
    auto said = negotiate();
    terminal_ = good;
    return said;
  }
  std::string ask_with(const Spoil& spoil) {
    const Terminal good = terminal_;
    phone_.activate();
    select();
    EXPECT_EQ(negotiate(), "9000");
    spoil(terminal_);
    auto said = ask();
    terminal_ = good;
    return said;
  }

  SecretBytes key_ = crypto::new_private_key_pem();
  crypto::CollectorKeys keys_{kCollector};
  Terminal terminal_;
  VirtualAndroid phone_ = phone({});
};

TEST_F(VirtualAndroidWire, OffersItselfLikeTheHandsetThatWasRecorded) {
  const auto answer = send(*from_hex(kSelectOse));
  const auto text = to_hex(answer);
  EXPECT_EQ(text.substr(0, 62), "6f8184500a416e64726f6964506179c0020001c108cc00000000008080c220");
  EXPECT_EQ(text.substr(62 + 64, 4), "c321");
  EXPECT_EQ(text.substr(62 + 64 + 4 + 66),
            "a523bf0c20611e4f09a000000476d0000111870101730edf6d020000df4d020001df6201039000");
  EXPECT_EQ(to_hex(send(*from_hex(kSelectSmartTap))).substr(0, 30),
            "00000001dc0321036d646e6d646e04");
}

TEST_F(VirtualAndroidWire, IsNewInEveryFieldAndSaysANewNonceAtEverySelect) {
  const auto ose = *from_hex(kSelectOse);
  const auto nonce = [](const Bytes& answer) { return to_hex(answer).substr(62, 64); };
  const auto key = [](const Bytes& answer) { return to_hex(answer).substr(130, 66); };
  const auto first = send(ose);
  const auto second = send(ose);
  phone_.activate();
  const auto third = send(ose);
  EXPECT_NE(nonce(first), nonce(second));
  EXPECT_EQ(key(first), key(second));
  EXPECT_NE(key(first), key(third));
}

TEST_F(VirtualAndroidWire, AnOlderOneHasToBeSelectedTwice) {
  phone_ = phone({.older = true});
  EXPECT_FALSE(to_hex(send(*from_hex(kSelectOse))).contains("c220"));
  EXPECT_EQ(negotiate(), "6d00");
  EXPECT_EQ(select(), "9000");
  EXPECT_EQ(negotiate(), "9000");
}

TEST_F(VirtualAndroidWire, AnswersTheWholeConversation) {
  EXPECT_EQ(select(), "9000");
  const auto answer = send(negotiation());
  const auto message = NdefMessage::parse(ByteView(answer).first(answer.size() - 2));
  ASSERT_TRUE(message && message->find("nrs"));
  const auto inside = message->inside(*message->find("nrs"));
  ASSERT_TRUE(inside && inside->find("ses") && inside->find("dpk"));
  EXPECT_EQ(to_hex(inside->find("ses")->payload), "5e5e5e5e5e5e5e5e0201");
  EXPECT_EQ(inside->find("dpk")->payload.size(), 33U);
  EXPECT_EQ(ask(), "9000");
}

TEST_F(VirtualAndroidWire, SaysWhenItTookASignatureThatDoesNotCoverItsNonce) {
  select();
  terminal_.authentication = 0;
  terminal_.transcript.handset_nonce.fill(0);
  EXPECT_EQ(negotiate(), "9002");
}

TEST_F(VirtualAndroidWire, AuthenticatesOnlyAgainstItsOwnNonceAndWhatItKnows) {
  EXPECT_EQ(negotiate_with([](auto&) {}), "9000");
  EXPECT_EQ(negotiate_with([](auto& t) { t.transcript.handset_nonce[0] ^= 1; }), "9500");
  EXPECT_EQ(negotiate_with([](auto& t) { t.key_version = 2; }), "9500");
  EXPECT_EQ(negotiate_with([](auto& t) { t.transcript.collector = CollectorId(1); }), "9500");
  EXPECT_EQ(negotiate_with([](auto& t) { t.authentication = 0; }), "9500") << "signed live";
  EXPECT_EQ(negotiate_with([](auto& t) { t.authentication = 2; }), "9500");
  EXPECT_EQ(negotiate_with([](auto& t) { t.transcript.terminal_key.fill(0xFF); }), "9403");
}

TEST_F(VirtualAndroidWire, RefusesANegotiationThatDoesNotParse) {
  EXPECT_EQ(negotiate_with([](auto& t) { t.version = 2; }), "9502");
  EXPECT_EQ(negotiate_with([](auto& t) { t.status = 0; }), "9402");
  EXPECT_EQ(negotiate_with([](auto& t) { t.session.push_back(0); }), "9402");
  select();
  const Bytes good = terminal_.ngr(signature(terminal_.transcript));
  EXPECT_EQ(status(command(0x53, terminal_.ngr({}))), "9402");
  EXPECT_EQ(status(command(0x53, terminal_.ngr(Bytes(73)))), "9402");
  EXPECT_EQ(status(command(0x53, ByteView(good).first(good.size() - 1))), "9402");
  EXPECT_EQ(status(command(0x53, terminal_.srq())), "9402") << "another request";
  Bytes trailing = good;
  trailing.push_back(0);
  EXPECT_EQ(status(command(0x53, trailing)), "9402");
  EXPECT_EQ(status(command(0x53, good)), "9000") << "the same, unspoilt";
}

TEST_F(VirtualAndroidWire, RefusesAReplayedNegotiation) {
  select();
  const auto once = negotiation();
  EXPECT_EQ(status(once), "9000");
  const auto again = send(once);
  EXPECT_TRUE(to_hex(again).contains("5e5e5e5e5e5e5e5e0204")) << "wrong sequence number";
  EXPECT_FALSE(to_hex(again).contains(to_hex(bytes_of("dpk"))));
  EXPECT_EQ(status(kSelectSmartTap), "9000");
  EXPECT_EQ(status(once), "9500") << "after another SELECT its nonce is another";
}

TEST_F(VirtualAndroidWire, CountsTheStepsOfGetDataToo) {
  select();
  negotiate();
  EXPECT_TRUE(to_hex(send(question())).contains("5e5e5e5e5e5e5e5e0204"));
  EXPECT_EQ(ask(), "9000");
  EXPECT_EQ(ask(), "9406") << "a session gives its data once";
}

TEST_F(VirtualAndroidWire, GivesDataOnlyInTheSessionThatWasNegotiated) {
  EXPECT_EQ(ask_with([](auto&) {}), "9000");
  EXPECT_EQ(ask_with([](auto& t) { t.session[0] ^= 1; }), "9500");
  EXPECT_EQ(ask_with([](auto& t) { t.merchant = NdefWriter().add("cld", number(1)); }), "9406");
  phone_ = phone({.clear = true, .several_collectors = true});
  EXPECT_EQ(ask_with([](auto& t) { t.session[0] ^= 1; }), "9500");
  EXPECT_EQ(ask_with([](auto& t) { t.merchant = NdefWriter().add("cld", number(1)); }), "9500");
  phone_ = phone({});
  select();
  EXPECT_EQ(ask(), "9500") << "nothing negotiated";
}

TEST_F(VirtualAndroidWire, AFailedNegotiationTakesTheSessionBack) {
  select();
  EXPECT_EQ(negotiate(), "9000");
  terminal_.sequence = 3;
  terminal_.key_version = 9;
  EXPECT_EQ(negotiate(), "9500");
  EXPECT_EQ(ask(), "9500");
}

TEST_F(VirtualAndroidWire, RefusesAQuestionThatDoesNotParse) {
  EXPECT_EQ(ask_with([](auto& t) { t.version = 0; }), "9502");
  EXPECT_EQ(ask_with([](auto& t) { t.status = 2; }), "9402");
  EXPECT_EQ(ask_with([](auto& t) { t.services.clear(); }), "9402");
  EXPECT_EQ(ask_with([](auto& t) { t.capabilities.pop_back(); }), "9402");
  EXPECT_EQ(ask_with([](auto& t) { t.capabilities[0] = 0x80; }), "9402");
  EXPECT_EQ(ask_with([](auto& t) { t.merchant = NdefWriter(); }), "9402");
  EXPECT_EQ(ask_with([](auto& t) { t.merchant.add("cld", number(1)); }), "9402") << "two";
  EXPECT_EQ(ask_with([](auto& t) { t.merchant.add("xyz", number(1)); }), "9402");
  EXPECT_EQ(ask_with([](auto& t) { t.merchant = NdefWriter().add("lid", number(1)); }), "9407");
}

TEST_F(VirtualAndroidWire, TakesWhatATerminalMaySayOfItselfBesides) {
  EXPECT_EQ(ask_with([](auto& t) {
              t.merchant.add("lid", number(1)).add("tid", number(2)).add("mcr", number(3));
              t.merchant.add(Tnf::well_known, "T", "mnr", Bytes{0x00, 'M'});
            }),
            "9000");
  EXPECT_EQ(ask_with([](auto& t) { t.capabilities.clear(); }), "9000");
}

TEST_F(VirtualAndroidWire, AsksForKindsByTheirNumbersOnTheWire) {
  const auto asked = [&](Bytes services) {
    return ask_with([&](auto& t) { t.services = std::move(services); });
  };
  EXPECT_EQ(asked({0x00}), "9000");
  EXPECT_EQ(asked({0x01}), "9000");
  EXPECT_EQ(asked({0x03}), "9000") << "loyalty, which it has";
  EXPECT_EQ(asked({0x07, 0x03}), "9000");
  EXPECT_EQ(asked({0x02}), "9001");
  EXPECT_EQ(asked({0x07}), "9001");
  EXPECT_EQ(asked({0x40}), "9001") << "the customer is no pass";
  EXPECT_EQ(ask_with([](auto& t) { t.capabilities[4] = 0x02; }), "9001") << "payment only";
}

TEST_F(VirtualAndroidWire, GivesFramesUntilNoneAreLeft) {
  EXPECT_EQ(status(kGetMore), "6d00") << "nothing selected";
  phone_ = phone({.frame = 1});
  select();
  EXPECT_EQ(status(kGetMore), "9404") << "nothing asked";
  EXPECT_EQ(negotiate(), "9000") << "in one piece";
  EXPECT_EQ(status(kGetMore), "9404");
  EXPECT_EQ(ask(), "9100");
  EXPECT_EQ(status("90c000000100" + std::string("00")), "9402") << "2.0 had data here";
  std::size_t frames = 1;
  std::string said = "9100";
  for (; said == "9100" && frames < 1000; ++frames) said = status(kGetMore);
  EXPECT_EQ(said, "9000");
  EXPECT_GT(frames, 100U);
  EXPECT_EQ(status(kGetMore), "9405");
}

TEST_F(VirtualAndroidWire, DropsTheFramesLeftWhenAskedSomethingElse) {
  phone_ = phone({.frame = 7});
  select();
  negotiate();
  EXPECT_EQ(ask(), "9100");
  EXPECT_EQ(status(question()), "9000") << "a session record that says: wrong sequence number";
  EXPECT_EQ(status(kGetMore), "9404");
}

TEST_F(VirtualAndroidWire, TakesNoMoreSessionsThanATerminalNeeds) {
  select();
  for (std::uint8_t n = 0; n < 16; ++n) {
    terminal_.session[0] = n;
    EXPECT_EQ(negotiate(), "9000");
  }
  terminal_.session[0] = 16;
  EXPECT_EQ(negotiate(), "9406");
}

TEST_F(VirtualAndroidWire, KnowsNoOtherAppletAndSelectingOneDeselectsItself) {
  EXPECT_EQ(select(), "9000");
  EXPECT_EQ(status("00a404000e325041592e5359532e444446303100"), "6a82");
  EXPECT_EQ(negotiate(), "6d00");
  EXPECT_EQ(status("00a4040009a000000476d000010100"), "6a82") << "Smart Tap 1";
}

TEST_F(VirtualAndroidWire, RefusesForeignCommandsAndWrongHeaders) {
  select();
  EXPECT_EQ(status("80ca010100"), "6e00");
  EXPECT_EQ(status("9052000000"), "6d00");
  EXPECT_EQ(status("90500100" + std::string("00")), "6b00");
  EXPECT_EQ(status("90500000"), "6700");
  EXPECT_EQ(status("9050000005"), "6700") << "Le is not 00";
  EXPECT_EQ(status("90"), "6700");
  EXPECT_EQ(status("9050000000"), "9402") << "no data";
}

RC_GTEST_FIXTURE_PROP(VirtualAndroidWire, AnswersAnyBytesWithAStatusWord, ()) {
  phone_ = phone({.older = *rc::gen::arbitrary<bool>(), .clear = *rc::gen::arbitrary<bool>()});
  for (const auto& wire : *rc::gen::container<std::vector<Bytes>>(rc::gen::arbitrary<Bytes>())) {
    const auto answer = phone_.answer(wire);
    RC_ASSERT(answer && answer->size() >= 2);
  }
}

RC_GTEST_FIXTURE_PROP(VirtualAndroidWire, AnswersAnyAlteredConversationWithAStatusWord, ()) {
  phone_ = phone({.clear = *rc::gen::arbitrary<bool>(),
                  .several_collectors = *rc::gen::arbitrary<bool>(),
                  .frame = *rc::gen::inRange<std::size_t>(1, 257)});
  select();
  const auto first = negotiation();
  terminal_.sequence = 3;
  for (Bytes wire : {first, question(), *from_hex(kGetMore), question()}) {
    const auto alterations = *rc::gen::inRange(0, 3);
    for (int i = 0; i < alterations; ++i) {
      wire[*rc::gen::inRange<std::size_t>(0, wire.size())] = *rc::gen::arbitrary<std::uint8_t>();
    }
    const auto answer = phone_.answer(wire);
    RC_ASSERT(answer && answer->size() >= 2 && answer->size() <= 258);
  }
}

}  // namespace
}  // namespace passgate::sim::test
