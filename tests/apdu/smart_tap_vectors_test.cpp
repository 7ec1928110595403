// SPDX-License-Identifier: Apache-2.0
// Every session of tests/fixtures/vectors/smart-tap.json as a whole conversation,
// each under its own name. The keys alone: tests/crypto.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "apdu/inflate.h"
#include "apdu/ndef.h"
#include "apdu/recording.h"
#include "apdu/scripted_card.h"
#include "apdu/smart_tap.h"
#include "apdu/smart_tap_object.h"
#include "tests/apdu/manual_clock.h"
#include "tests/rig/smart_tap_vector.h"

namespace passgate::apdu {
namespace {

using nlohmann::json;

constexpr const char* kSelectOse = "00a404000a4f53452e5641532e303100";
constexpr const char* kSelectApplet = "00a4040009a000000476d000011100";

struct Session : test::SmartTapVector {
  bool authenticated() const { return !vector.at("negotiate_command_apdu_hex").is_null(); }
};

std::vector<Session> sessions() {
  return test::smart_tap_vectors<Session>();
}

/// What the vector's GET DATA asks for becomes what our session is to ask for.
void read_wishes(const Session& session, SmartTapRequest& request) {
  const auto command = CommandApdu::parse(session.bytes("get_data_command_apdu_hex")).value();
  const Bytes data(command.data().begin(), command.data().end());
  const auto message = NdefMessage::parse(data).value();
  const auto inside = message.inside(message.records()[0], 2).value();
  request.services.clear();
  const auto list = inside.inside(*inside.find("slr")).value();
  for (const auto& record : list.records()) {
    request.services.push_back(static_cast<ServiceType>(record.payload[0]));
  }
  request.pos_capabilities.reset();
  if (const auto* pcr = inside.find("pcr")) {
    ASSERT_EQ(pcr->payload.size(), 5U);
    std::ranges::copy(pcr->payload, request.pos_capabilities.emplace().begin());
  }
}

SmartTapRequest request_of(const Session& session) {
  crypto::SmartTapNonce nonce;
  std::ranges::copy(session.bytes("terminal_nonce_hex"), nonce.begin());
  crypto::SmartTapSessionId id;
  std::ranges::copy(session.bytes("session_id_hex"), id.begin());
  Bytes scalar = session.bytes("terminal_ephemeral_private_key_hex");
  SmartTapAttempt attempt{
      .collector = CollectorId(session.vector.at("collector_id").get<std::uint32_t>()),
      .key_version = session.vector.at("long_term_key_version").get<std::uint32_t>(),
      .sign = {},
      .ephemeral =
          crypto::SmartTapEphemeral::recorded(SecretBytes::take(scalar), nonce, id).value(),
      .pre_signed = !session.vector.at("live_authentication").get<bool>()};
  if (session.authenticated()) {
    attempt.sign = [&session](ByteView message) {
      EXPECT_EQ(to_hex(message), session.text("signed_data_hex"));
      return session.bytes("signature_der_hex");
    };
  }
  SmartTapRequest request;
  request.attempts.push_back(std::move(attempt));
  read_wishes(session, request);
  return request;
}

enum class Select : bool { skipped, needed };

std::vector<ScriptedExchange> script_of(const Session& session, Select applet) {
  std::vector<ScriptedExchange> script;
  const auto add = [&script](const std::string& command, const std::string& answer) {
    script.push_back({from_hex(command).value(), from_hex(answer).value()});
  };
  std::string ose = session.text("select_ose_response_hex");
  if (applet == Select::needed) {
    const std::string may_skip = "df620103";
    ose.replace(ose.find(may_skip), may_skip.size(), "df620102");
  }
  add(kSelectOse, ose);
  if (applet == Select::needed) add(kSelectApplet, session.text("select_smart_tap2_response_hex"));
  if (session.authenticated()) {
    add(session.text("negotiate_command_apdu_hex"), session.text("negotiate_response_hex"));
  }
  std::string command = session.text("get_data_command_apdu_hex");
  for (const auto& frame : session.vector.at("get_data_responses_hex")) {
    add(command, frame.get<std::string>());
    command = session.text("get_more_command_apdu_hex");
  }
  return script;
}

/// Runs the conversation; every command must be the vector's.
Result<Outcome> run(const Session& session, Select applet) {
  ScriptedCard card(script_of(session, applet));
  SmartTapSession tap(request_of(session));
  auto outcome = drive(tap, card, ManualClock());
  if (const auto& mismatch = card.mismatch()) {
    ADD_FAILURE() << "exchange " << mismatch->index << "\nexpected " << to_hex(mismatch->expected)
                  << "\nsent     " << to_hex(mismatch->actual);
  }
  EXPECT_TRUE(card.finished());
  return outcome;
}

ObjectKind kind_of(const std::string& record) {
  static const std::map<std::string, ObjectKind> kinds = {
      {"ly", ObjectKind::loyalty},   {"of", ObjectKind::offer},
      {"gc", ObjectKind::gift_card}, {"et", ObjectKind::event_ticket},
      {"fl", ObjectKind::flight},    {"gp", ObjectKind::generic_private},
      {"cus", ObjectKind::customer}};
  return kinds.at(record);
}

void expect_same(const SmartTapObject& object, const json& expected) {
  const auto text = [&expected](const char* key) { return expected.value(key, ""); };
  EXPECT_EQ(object.kind, kind_of(text("kind")));
  EXPECT_EQ(object.issuer_type, expected.at("issuer_type"));
  EXPECT_EQ(to_hex(object.issuer_id), text("issuer_id_hex"));
  EXPECT_EQ(to_hex(object.object_id), text("object_id_hex"));
  ASSERT_EQ(object.service_number.has_value(), expected.contains("service_number_hex"));
  if (object.service_number) {
    EXPECT_EQ(name(object.service_number->format), text("service_number_encoding"));
    EXPECT_EQ(to_hex(object.service_number->raw), text("service_number_hex"));
    EXPECT_EQ(object.service_number->text, text("service_number_text"));
  }
  ASSERT_EQ(object.pin.has_value(), expected.contains("pin_text"));
  EXPECT_EQ(object.pin ? object.pin->text : "", text("pin_text"));
  EXPECT_EQ(to_hex(object.customer_id), text("customer_id_hex"));
  EXPECT_EQ(to_hex(object.tap_id), text("tap_id_hex"));
  EXPECT_EQ(object.language, text("language"));
}

/// How passgate names what the vectors call `error`.
Errc expected_error(const Session& session) {
  static const std::map<std::string, Errc> names = {
      {"hmac", Errc::auth_failed},      {"too_short", Errc::too_short},
      {"reb_empty", Errc::too_short},   {"zlib", Errc::bad_compression},
      {"zlib_limit", Errc::too_large},  {"no_srs", Errc::missing_record},
      {"no_reb", Errc::missing_record}, {"session_mismatch", Errc::wrong_session},
      {"ndef", Errc::bad_length}};
  if (session.text("id") == "empty_plaintext_bundle") return Errc::too_short;
  return names.at(session.text("expected_error"));
}

/// The plain content, by the single steps of open_bundle().
std::string content_of(const SealedBundle& sealed) {
  const ByteView body = ByteView(sealed.bundle).subspan(1);
  const bool encrypted = (sealed.bundle[0] & 1) != 0;
  const bool compressed = (sealed.bundle[0] & 2) != 0;
  const SecretBytes plain = encrypted ? sealed.keys->open(body).value() : SecretBytes();
  const ByteView content = encrypted ? plain.expose() : body;
  return to_hex(compressed ? inflate(content, 4096).value().expose() : content);
}

class SmartTapConversation : public testing::TestWithParam<std::tuple<Session, Select>> {
 protected:
  const Session& session = std::get<Session>(GetParam());
  Result<Outcome> outcome = run(session, std::get<Select>(GetParam()));
};

class SuccessfulSmartTap : public SmartTapConversation {};
TEST_P(SuccessfulSmartTap, GivesTheObjects) {
  ASSERT_TRUE(outcome) << name(outcome.error().code());
  const bool no_pass = session.text("id") == "customer_only_9001";
  EXPECT_EQ(std::holds_alternative<NoMatchingPass>(*outcome), no_pass);
  const auto* sealed = sealed_bundle(*outcome);
  ASSERT_NE(sealed, nullptr);
  EXPECT_EQ(sealed->collector.value(), session.vector.at("collector_id"));
  EXPECT_EQ(to_hex(sealed->bundle), session.text("record_bundle_payload_hex"));
  EXPECT_EQ(sealed->keys.has_value(), session.authenticated());
  EXPECT_EQ(content_of(*sealed), session.text("decrypted_and_inflated_ndef_hex"));

  const auto objects = open_bundle(*sealed);
  ASSERT_TRUE(objects) << name(objects.error().code());
  const auto& expected = session.vector.at("expected_objects");
  ASSERT_EQ(objects->size(), expected.size());
  for (std::size_t i = 0; i < objects->size(); ++i) expect_same((*objects)[i], expected[i]);
}

class FailingSmartTap : public SmartTapConversation {};
TEST_P(FailingSmartTap, SaysWhy) {
  const Errc expected = expected_error(session);
  if (!outcome) {
    EXPECT_EQ(name(outcome.error().code()), name(expected));
    return;
  }
  ASSERT_TRUE(std::holds_alternative<GooglePasses>(*outcome));
  const auto opened = open_bundle(*sealed_bundle(*outcome));
  ASSERT_FALSE(opened);
  EXPECT_EQ(name(opened.error().code()), name(expected));
}

std::vector<Session> that(const std::string& end) {
  auto all = sessions();
  std::erase_if(all, [&end](const Session& session) { return session.text("expect") != end; });
  return all;
}
std::string title(const testing::TestParamInfo<std::tuple<Session, Select>>& tested) {
  const auto& [session, applet] = tested.param;
  return session.text("id") + (applet == Select::needed ? "_second_select" : "");
}
const auto kBothWays = testing::Values(Select::skipped, Select::needed);
INSTANTIATE_TEST_SUITE_P(Published, SuccessfulSmartTap,
                         testing::Combine(testing::ValuesIn(that("ok")), kBothWays), title);
INSTANTIATE_TEST_SUITE_P(Published, FailingSmartTap,
                         testing::Combine(testing::ValuesIn(that("fail")), kBothWays), title);

TEST(SmartTapVectors, AreAllThere) {
  EXPECT_EQ(that("ok").size() + that("fail").size(), 39U);
}

}  // namespace
}  // namespace passgate::apdu
