// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/push_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

constexpr std::string_view kSecret = "your_webhook_secret_key";
constexpr std::string_view kTap = "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";

Headers signed_with(std::string_view key, std::string_view body) {
  return {{"x-passinstance-signature", "sha256=" + hmac_hex(key, body)}};
}

/// The vendor's example, at our time.
json event(std::string_view type = "pass.created") {
  return {
      {"event", type},
      {"timestamp", "2026-11-20T09:30:00Z"},
      {"webhookId", "wh_abcdef1234567890"},
      {"data",
       {{"passId", "pass_1234567890abcdef"},
        {"templateId", "tpl_abcdef1234567890"},
        {"serialNumber", "EVENT2024-001"},
        {"customFields", {{"customerName", {{"value", "John Doe"}, {"label", "Guest Name"}}}}}}}};
}

struct PassinstancePushTest : ::testing::Test {
  std::unique_ptr<PushReader> reader = push_reader(push_config("passinstance"), {kSecret});

  PushRead read(const json& event) const {
    const auto body = event.dump();
    return read_push(*reader, signed_with(kSecret, body), body);
  }
};

TEST_F(PassinstancePushTest, TakesThePublishedSignature) {
  const Headers headers{
      {"x-passinstance-signature",
       "sha256=0905f3c31b659a3bf1a90b439377d53cb7132c5b4713a973fb0a954415d0ae54"}};
  EXPECT_EQ(refusal(read_push(*reader, headers, R"({"a":1})")), Errc::bad_value);
  EXPECT_EQ(refusal(read_push(*reader, headers, R"({"a":2})")), Errc::auth_failed);
}

TEST_F(PassinstancePushTest, EveryByteOfBodySignatureAndSecretMatters) {
  const auto body = event().dump();
  expect_every_byte_to_matter(push_config("passinstance"), std::string(kSecret),
                              signed_with(kSecret, body), body, true);
}

TEST_F(PassinstancePushTest, LooksForTheSignatureInTheConfiguredHeaderOnly) {
  const auto body = event().dump();
  auto headers = signed_with(kSecret, body);
  headers[0].first = "x-signature";
  EXPECT_EQ(refusal(read_push(*reader, headers, body)), Errc::auth_failed);
  auto config = push_config("passinstance");
  config.webhook->signature_header = "x-signature";
  EXPECT_TRUE(read_push(*push_reader(config, {kSecret}), headers, body));
  EXPECT_EQ(refusal(read_push(*reader, {}, body)), Errc::auth_failed);
}

TEST_F(PassinstancePushTest, TakesTheOldAndTheNewSecretWhileOneIsReplaced) {
  reader = push_reader(push_config("passinstance"), {"old", "new"});
  const auto body = event().dump();
  EXPECT_TRUE(read_push(*reader, signed_with("old", body), body));
  EXPECT_TRUE(read_push(*reader, signed_with("new", body), body));
  EXPECT_EQ(refusal(read_push(*reader, signed_with("other", body), body)), Errc::auth_failed);
}

TEST_F(PassinstancePushTest, ReadsTheVendorsExample) {
  const auto push = pushed(read(event()));
  EXPECT_EQ(push.pass, (PassNames{"pass_1234567890abcdef", "EVENT2024-001", ""}));
  EXPECT_EQ(push.pass_template, "tpl_abcdef1234567890");
  EXPECT_EQ(push.type, "pass.created");
  EXPECT_EQ(push.told, std::nullopt);
  EXPECT_FALSE(push.may_be_echo);
}

TEST_F(PassinstancePushTest, TellsThatAPassWasVoidedOrDeleted) {
  for (const auto* type : {"pass.voided", "pass.deleted"}) {
    const auto push = pushed(read(event(type)));
    EXPECT_EQ(push.told, gate::PassState::voided) << type;
    EXPECT_FALSE(push.may_be_echo) << type;
  }
}

TEST_F(PassinstancePushTest, AVoidedPassMayBeOurOwnUseWhereUsesVoid) {
  auto config = push_config("passinstance");
  config.redeem.mode = "void";
  reader = push_reader(config, {kSecret});
  EXPECT_TRUE(pushed(read(event("pass.voided"))).may_be_echo);
  EXPECT_FALSE(pushed(read(event("pass.deleted"))).may_be_echo);
}

TEST_F(PassinstancePushTest, FindsTheTapThatCausedAnUpdateInEitherGenerationsFields) {
  auto objects = event("pass.updated");
  objects["data"]["customFields"]["lastTap"] = {{"value", kTap}, {"label", "Tap"}};
  auto texts = event("pass.updated");
  texts["data"].erase("customFields");
  texts["data"]["fields"] = {{"lastTap", kTap}};
  for (const auto& body : {objects, texts}) {
    const auto push = pushed(read(body));
    EXPECT_TRUE(push.may_be_echo);
    EXPECT_EQ(push.tap_id, kTap);
  }
}

TEST_F(PassinstancePushTest, KnowsAnEventAgainByItsNameTimeAndPass) {
  const auto key = [&](const char* member, const char* value) {
    auto body = event();
    (std::string_view(member) == "passId" ? body["data"] : body)[member] = value;
    return pushed(read(body)).dedup_key;
  };
  const auto first = key("webhookId", "wh_1");
  EXPECT_EQ(key("webhookId", "wh_2"), first);
  EXPECT_NE(key("event", "pass.updated"), first);
  EXPECT_NE(key("timestamp", "2026-11-20T09:30:01Z"), first);
  EXPECT_NE(key("passId", "pass_2"), first);
  EXPECT_EQ(first.size(), 64U);
}

TEST_F(PassinstancePushTest, RefusesOldEventsThoughTheirSignatureNeverAges) {
  const auto at = [&](const char* time) {
    auto body = event();
    body["timestamp"] = time;
    return read(body);
  };
  EXPECT_TRUE(at("2026-11-19T09:00:00Z"));
  EXPECT_EQ(refusal(at("2026-11-19T08:59:59Z")), Errc::too_old);
  EXPECT_EQ(refusal(at("2026-11-20T10:05:01Z")), Errc::too_old);
}

TEST_F(PassinstancePushTest, ForgetsTemplateEvents) {
  for (const auto* type : {"template.created", "template.updated"}) {
    const auto about_template = read(event(type));
    EXPECT_TRUE(about_template && !*about_template) << type;
  }
}

TEST_F(PassinstancePushTest, RefusesWhatIsNotDocumented) {
  auto no_event = event(), no_time = event(), no_pass = event(), number = event();
  no_event.erase("event");
  no_time["timestamp"] = nullptr;
  no_pass["data"].erase("passId");
  number["data"]["serialNumber"] = 7;
  for (const auto& body : {no_event, no_time, no_pass, number, json::array()}) {
    EXPECT_EQ(refusal(read(body)), Errc::bad_value) << body;
  }
}

}  // namespace
}  // namespace passgate::sync::test
