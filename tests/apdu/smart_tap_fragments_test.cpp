// SPDX-License-Identifier: Apache-2.0
// What real phones and readers said, as far as it was published: read by our code
// and, where a reader said it, written again byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apdu/ndef.h"
#include "apdu/ose.h"
#include "apdu/smart_tap_wire.h"

namespace passgate::apdu {
namespace {

using nlohmann::json;

struct Fragment {
  json published;
  Bytes bytes;
  // What the fragment is known to hold.
  const json& expected(const char* key) const { return published.at("expect").at(key); }
  std::string text(const char* key) const { return expected(key).get<std::string>(); }
  std::uint32_t number(const char* key) const { return expected(key).get<std::uint32_t>(); }
  Bytes expected_bytes(const char* key) const { return from_hex(text(key)).value(); }
};

const json& fragments() {
  static const json all = json::parse(std::ifstream(PASSGATE_FIXTURES "/vectors/smart-tap.json"));
  return all.at("real_fragments");
}

Fragment fragment(const std::string& id) {
  const auto found =
      std::ranges::find_if(fragments(), [&id](const json& each) { return each.at("id") == id; });
  return {*found, from_hex(found->at("hex").get<std::string>()).value()};
}

template <class Array>
Array array(ByteView bytes) {
  Array out;
  EXPECT_EQ(bytes.size(), out.size());
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}

/// The record `name`; fails the test and is empty when there is none.
NdefRecord record(const NdefMessage& message, std::string_view name) {
  const auto* found = message.find(name);
  EXPECT_NE(found, nullptr) << name;
  return found == nullptr ? NdefRecord{} : *found;
}

void expect_session(const NdefMessage& inside, const Fragment& known) {
  const ByteView session = record(inside, "ses").payload;
  ASSERT_EQ(session.size(), 10U);
  EXPECT_EQ(to_hex(session.first(8)), known.text("session_id_hex"));
  EXPECT_EQ(session[8], known.number("sequence"));
  EXPECT_EQ(session[9], known.published.at("expect").value("status", 1));
}

TEST(SmartTapFragments, AreAllThere) {
  EXPECT_EQ(fragments().size(), 8U);
}

TEST(SmartTapFragments, OseAnswer) {
  const auto real = fragment("real_ose_response");
  const auto ose = OseAnswer::parse(real.bytes);
  ASSERT_TRUE(ose);
  EXPECT_EQ(ose->label, real.text("label"));
  EXPECT_EQ(to_hex(ose->fci.find(0xC1).value().first(1)), real.text("transaction_mode"));
  EXPECT_EQ(to_hex(ose->fci.find(0xC3).value()), real.text("handset_ephemeral_key_hex"));

  const auto directory = ose->fci.inside(0xA5)->inside(0xBF0C);
  const auto entry = directory->inside(0x61)->inside(0x73);
  ASSERT_TRUE(entry);
  EXPECT_EQ(be16(entry->find(0xDF6D).value()), real.number("min_version"));
  EXPECT_EQ(be16(entry->find(0xDF4D).value()), real.number("max_version"));
  EXPECT_EQ(entry->find(0xDF62).value()[0], real.number("capabilities"));

  const auto offer = read_offer(ose->fci);
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->may_skip_select, real.expected("skip_second_select").get<bool>());
  ASSERT_TRUE(offer->handset_nonce);
  EXPECT_EQ(to_hex(*offer->handset_nonce), real.text("handset_nonce_hex"));
}

TEST(SmartTapFragments, AppletAnswer) {
  const auto real = fragment("real_select_st2_response");
  EXPECT_EQ(be16(real.bytes), real.number("min_version"));
  EXPECT_EQ(be16(ByteView(real.bytes).subspan(2)), real.number("max_version"));
  const auto nonce = read_applet(real.bytes);
  ASSERT_TRUE(nonce);
  EXPECT_EQ(to_hex(*nonce), real.text("handset_nonce_hex"));
}

TEST(SmartTapFragments, AppletAnswerWithoutItsVersions) {
  const auto real = fragment("real_select_st2_response_2");
  Bytes whole = {0x00, 0x00, 0x00, 0x01};
  append(whole, real.bytes);
  const auto nonce = read_applet(whole);
  ASSERT_TRUE(nonce);
  EXPECT_EQ(to_hex(*nonce), real.text("handset_nonce_hex"));
}

TEST(SmartTapFragments, NegotiateRequestIsRead) {
  const auto real = fragment("real_negotiate_request");
  const auto message = NdefMessage::parse(real.bytes);
  ASSERT_TRUE(message);
  const auto inside = message->inside(record(*message, "ngr"), 2);
  ASSERT_TRUE(inside);
  expect_session(*inside, real);
  const auto proof = record(*inside, "cpr");
  ASSERT_GE(proof.payload.size(), 70U);
  EXPECT_EQ(to_hex(proof.payload.first(32)), real.text("terminal_nonce_hex"));
  EXPECT_EQ(proof.payload[32] == 1, real.expected("live").get<bool>());
  EXPECT_EQ(to_hex(proof.payload.subspan(33, 33)), real.text("terminal_ephemeral_public_key_hex"));
  EXPECT_EQ(be32(proof.payload.subspan(66)), real.number("key_version"));
  const auto signed_by = inside->inside(proof, 70);
  ASSERT_TRUE(signed_by);
  EXPECT_EQ(be32(record(*signed_by, "cld").payload.subspan(1)), real.number("collector_id"));
}

/// The signature is taken over: it needs the collector's key.
Bytes published_signature(ByteView negotiate) {
  const auto message = NdefMessage::parse(negotiate).value();
  const auto inside = message.inside(*message.find("ngr"), 2).value();
  const auto proof = inside.inside(*inside.find("cpr"), 70).value();
  const ByteView sig = proof.find("sig")->payload.subspan(1);
  return {sig.begin(), sig.end()};
}

TEST(SmartTapFragments, NegotiateRequestIsWrittenAgain) {
  const auto real = fragment("real_negotiate_request");
  const Bytes signature = published_signature(real.bytes);
  const crypto::SmartTapTranscript transcript{
      .terminal_nonce = array<crypto::SmartTapNonce>(real.expected_bytes("terminal_nonce_hex")),
      .handset_nonce = {},
      .collector = CollectorId(real.number("collector_id")),
      .terminal_key =
          array<crypto::CompressedPoint>(real.expected_bytes("terminal_ephemeral_public_key_hex"))};
  const SmartTapPosition at{
      .session = array<crypto::SmartTapSessionId>(real.expected_bytes("session_id_hex")),
      .sequence = real.expected("sequence").get<std::uint8_t>()};
  const auto command = negotiate_session(at, transcript, /*pre_signed=*/false,
                                         real.number("key_version"), signature);
  EXPECT_EQ(to_hex(command.wire().first(4)), "90530000");
  EXPECT_EQ(to_hex(command.data()), to_hex(real.bytes));
}

TEST(SmartTapFragments, NegotiateAnswer) {
  const auto real = fragment("real_negotiate_response");
  const auto session = array<crypto::SmartTapSessionId>(real.expected_bytes("session_id_hex"));
  const auto answer = read_answer(real.bytes, "nrs", "dpk", session);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->sequence, real.number("sequence"));
  EXPECT_EQ(answer->status, real.number("status"));
  EXPECT_EQ(to_hex(answer->value), real.text("handset_ephemeral_key_hex"));
}

TEST(SmartTapFragments, GetDataRequestIsRead) {
  const auto real = fragment("real_get_data_request");
  const auto message = NdefMessage::parse(real.bytes);
  ASSERT_TRUE(message);
  const auto inside = message->inside(record(*message, "srq"), 2);
  ASSERT_TRUE(inside);
  expect_session(*inside, real);
  const auto merchant = inside->inside(record(*inside, "mer"));
  ASSERT_TRUE(merchant);
  EXPECT_EQ(be32(record(*merchant, "cld").payload.subspan(1)), real.number("collector_id"));
  const auto wanted = inside->inside(record(*inside, "slr"));
  ASSERT_TRUE(wanted);
  std::vector<int> services;
  for (const auto& each : wanted->records()) services.push_back(each.payload[0]);
  EXPECT_EQ(services, real.expected("service_types").get<std::vector<int>>());
  EXPECT_EQ(to_hex(record(*inside, "pcr").payload), real.text("pcr_hex"));
}

TEST(SmartTapFragments, GetDataRequestIsWrittenAgain) {
  const auto real = fragment("real_get_data_request");
  const SmartTapPosition at{
      .session = array<crypto::SmartTapSessionId>(real.expected_bytes("session_id_hex")),
      .sequence = real.expected("sequence").get<std::uint8_t>()};
  const ServiceType all[] = {ServiceType::all};
  const auto command = get_data(at, CollectorId(real.number("collector_id")), all,
                                array<PosCapabilities>(real.expected_bytes("pcr_hex")));
  EXPECT_EQ(to_hex(command.wire().first(4)), "90500000");
  EXPECT_EQ(to_hex(command.data()), to_hex(real.bytes));
}

class RealServiceResponse : public testing::TestWithParam<const char*> {};
TEST_P(RealServiceResponse, IsRead) {
  const auto real = fragment(GetParam());
  const auto session = array<crypto::SmartTapSessionId>(real.expected_bytes("session_id_hex"));
  const auto answer = read_answer(real.bytes, "srs", "reb", session);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->sequence, real.number("sequence"));
  EXPECT_EQ(answer->status, real.number("status"));
  ASSERT_FALSE(answer->value.empty());
  EXPECT_EQ(answer->value[0], real.number("flags"));
  EXPECT_EQ(answer->value.size() - 1, real.number("body_len"));
}
INSTANTIATE_TEST_SUITE_P(SmartTapFragments, RealServiceResponse,
                         testing::Values("real_service_response_flags03",
                                         "real_service_response_flags01"),
                         [](const auto& tested) { return std::string(tested.param); });

// PUSH SMART TAP DATA is not a conversation of ours; its published example
// (kormax/google-smart-tap README) is still NDEF of every shape: three levels,
// text, URIs, ids, bytes before a nested message.
constexpr const char* kPush =
    "d403b9737072000194030a7365736b159a80fc8283fd02011403126270729403016d6f6e0059010303546363645553"
    "441403246e73720599010703546e737402656e5041535359010c03556e7375046578616d706c652e636f6d54035f73"
    "73729403096f696404010203dc3be19e4814034373756701990116035473757402656e534552564943455f55534147"
    "455f5449544c4559011c035473756402656e534552564943455f55534147455f4445534352495054494f4e54030173"
    "757005";
constexpr const char* kPushAnswer = "d40310707372d4030a7365736b159a80fc8283fd0301";

/// How many bytes stand before the message inside a record; nothing: a value.
std::optional<std::size_t> before_inside(const NdefRecord& record) {
  constexpr std::pair<std::string_view, std::size_t> kNested[] = {
      {"spr", 2}, {"psr", 0}, {"bpr", 0}, {"nsr", 1}, {"ssr", 0}, {"sug", 1}};
  const auto* found =
      std::ranges::find_if(kNested, [&record](const auto& each) { return record.is(each.first); });
  return found == std::end(kNested) ? std::nullopt : std::optional(found->second);
}

/// Every record read and written again, from the innermost out.
Bytes written_again(const NdefMessage& message) {  // NOLINT(misc-no-recursion): at most 6 levels
  NdefWriter writer;
  for (const NdefRecord& each : message.records()) {
    Bytes payload(each.payload.begin(), each.payload.end());
    if (const auto skip = before_inside(each)) {
      payload.resize(*skip);
      append(payload, written_again(message.inside(each, *skip).value()));
    }
    writer.add(static_cast<Tnf>(each.tnf), text_of(each.type), text_of(each.id), payload);
  }
  return writer.bytes();
}

TEST(SmartTapFragments, PushExampleIsReadAndWrittenAgain) {
  for (const std::string hex : {kPush, kPushAnswer}) {
    const Bytes wire = from_hex(hex).value();
    const auto message = NdefMessage::parse(wire);
    ASSERT_TRUE(message);
    EXPECT_EQ(to_hex(written_again(*message)), hex);
  }
}

TEST(SmartTapFragments, PushExampleSaysWhatItIsSaidToSay) {
  const Bytes wire = from_hex(kPush).value();
  const auto message = NdefMessage::parse(wire);
  ASSERT_TRUE(message);
  const auto inside = message->inside(record(*message, "spr"), 2);
  ASSERT_TRUE(inside);
  const auto news = inside->inside(record(*inside, "nsr"), 1);
  ASSERT_TRUE(news);
  EXPECT_EQ(text_of(record(*news, "nst").payload.subspan(3)), "PASS");
  EXPECT_EQ(text_of(record(*news, "nsu").payload.subspan(1)), "example.com");
  const auto update = inside->inside(record(*inside, "ssr"));
  ASSERT_TRUE(update);
  EXPECT_EQ(to_hex(record(*update, "oid").payload.subspan(1)), "010203dc3be19e48");
}

}  // namespace
}  // namespace passgate::apdu
