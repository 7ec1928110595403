// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/sync/push_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

constexpr std::string_view kSecret = "whsec_test";
constexpr std::int64_t kNowSeconds = 1795168800;  // kPushNow
constexpr std::string_view kTap = "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";

Headers signed_at(std::int64_t seconds, std::string_view body, std::string_view key = kSecret) {
  return {{"passmint-signature",
           fmt::format("t={},v1={}", seconds, hmac_hex(key, fmt::format("{}.{}", seconds, body)))}};
}

json event(std::string_view type = "pass.issued") {
  return {{"id", "evt_1"},
          {"object", "event"},
          {"type", type},
          {"api_version", "2026-05-01"},
          {"created_at", "2026-11-20T09:00:00Z"},
          {"livemode", true},
          {"data",
           {{"object",
             {{"pass",
               {{"id", "pas_1"},
                {"short_id", "x1"},
                {"template_id", "tmp_1"},
                {"serial_number", "S-1"},
                {"voided", false}}}}}}},
          {"previous_attributes", nullptr}};
}

struct PassmintPushTest : ::testing::Test {
  std::unique_ptr<PushReader> reader = push_reader(push_config("passmint"), {kSecret});

  PushRead read(const json& event) const {
    const auto body = event.dump();
    return read_push(*reader, signed_at(kNowSeconds, body), body);
  }
};

TEST_F(PassmintPushTest, TakesThePublishedSignatureWithThePrefixAsPartOfTheKey) {
  const Headers headers{
      {"passmint-signature",
       "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789"}};
  const WallTime then{std::chrono::seconds(1700000000)};
  // Genuine, and then no event: refused for what it says, not for who says it.
  EXPECT_EQ(refusal(read_push(*reader, headers, R"({"a":1})", then)), Errc::bad_value);
  EXPECT_EQ(refusal(read_push(*reader, headers, R"({"a":2})", then)), Errc::auth_failed);
  const auto without_prefix = push_reader(push_config("passmint"), {"test"});
  EXPECT_EQ(refusal(read_push(*without_prefix, headers, R"({"a":1})", then)), Errc::auth_failed);
}

TEST_F(PassmintPushTest, EveryByteOfBodySignatureAndSecretMatters) {
  const auto body = event().dump();
  expect_every_byte_to_matter(push_config("passmint"), std::string(kSecret),
                              signed_at(kNowSeconds, body), body, true);
}

TEST_F(PassmintPushTest, BoundsTheSignedTimeOnBothSides) {
  const auto body = event().dump();
  const auto at = [&](std::int64_t seconds) {
    return read_push(*reader, signed_at(seconds, body), body);
  };
  EXPECT_TRUE(at(kNowSeconds - 300));
  EXPECT_TRUE(at(kNowSeconds + 300));
  for (const auto seconds :
       {kNowSeconds - 301, kNowSeconds + 301, std::int64_t{0}, std::int64_t{253'402'300'799}}) {
    EXPECT_EQ(refusal(at(seconds)), Errc::too_old) << seconds;
  }
}

TEST_F(PassmintPushTest, ANewTimeDoesNotMakeAnOldSignatureGoodAgain) {
  const auto body = event().dump();
  auto headers = signed_at(kNowSeconds - 3600, body);
  auto& value = headers[0].second;
  value.replace(2, 10, std::to_string(kNowSeconds));
  EXPECT_EQ(refusal(read_push(*reader, headers, body)), Errc::auth_failed);
}

TEST_F(PassmintPushTest, TakesSeveralSignaturesAndSeveralSecrets) {
  const auto body = event().dump();
  auto headers = signed_at(kNowSeconds, body, "whsec_new");
  headers[0].second += ", v0=junk, v1=" + std::string(64, '0');
  EXPECT_EQ(refusal(read_push(*reader, headers, body)), Errc::auth_failed);
  const auto both = push_reader(push_config("passmint"), {kSecret, "whsec_new"});
  EXPECT_TRUE(read_push(*both, headers, body));
  EXPECT_TRUE(read_push(*both, signed_at(kNowSeconds, body), body));
}

TEST_F(PassmintPushTest, RefusesHeadersThatLeaveOpenWhatWasSigned) {
  const auto body = event().dump();
  const auto good = signed_at(kNowSeconds, body)[0].second;
  std::string crowd = good;
  for (int i = 0; i < 8; ++i) crowd += ",v1=" + std::string(64, '0');
  for (const auto& value :
       {std::string{}, std::string("t=,v1="), good.substr(13), good.substr(0, 12), "t=1," + good,
        "t=-" + good.substr(2), "t=+" + good.substr(2), crowd}) {
    EXPECT_EQ(refusal(read_push(*reader, {{"passmint-signature", value}}, body)), Errc::auth_failed)
        << value;
  }
  EXPECT_EQ(refusal(read_push(*reader, {}, body)), Errc::auth_failed);
}

TEST_F(PassmintPushTest, ReadsTheNewerVocabulary) {
  EXPECT_EQ(pushed(read(event())), (Push{.dedup_key = "evt_1",
                                         .type = "pass.issued",
                                         .pass_template = "tmp_1",
                                         .pass = {"pas_1", "S-1", ""}}));
  for (const auto* type : {"pass.add_intent", "pass.added_to_wallet", "pass.update_delivered",
                           "pass.update_failed", "pass.removed"}) {
    const auto push = pushed(read(event(type)));
    EXPECT_EQ(push.type, type);
    EXPECT_FALSE(push.may_be_echo) << type;
    EXPECT_FALSE(push.told) << type;
  }
}

TEST_F(PassmintPushTest, ReadsTheOlderVocabularyWhereverItsPassIs) {
  const json pass{{"object", "pass"}, {"id", "pas_1"}, {"serial_number", "S-1"}};
  for (const auto* type : {"pass.created", "pass.updated", "pass.url_viewed", "pass.downloaded",
                           "pass.installed", "pass.removed", "pass.voided"}) {
    const json head{{"id", "evt_2"}, {"type", type}};
    auto in_data = head, as_data = head, beside = head;
    in_data["data"] = {{"pass", pass}};
    as_data["data"] = pass;
    beside["pass"] = pass;
    for (const auto& body : {in_data, as_data, beside}) {
      const auto push = pushed(read(body));
      EXPECT_EQ(push.pass, (PassNames{"pas_1", "S-1", ""})) << body;
      EXPECT_EQ(push.dedup_key, "evt_2");
    }
  }
}

TEST_F(PassmintPushTest, TellsThatAPassWasVoided) {
  EXPECT_EQ(pushed(read(event("pass.voided"))).told, gate::PassState::voided);
}

TEST_F(PassmintPushTest, SaysWhichScannerRedeemed) {
  auto body = event("pass.redeemed");
  body["data"]["object"]["redemption"] = {{"id", "red_1"},
                                          {"scanner_device_id", "dev_7"},
                                          {"scans_used", 1},
                                          {"policy_mode", "single_use"}};
  const auto push = pushed(read(body));
  EXPECT_TRUE(push.may_be_echo);
  EXPECT_EQ(push.device, "dev_7");
  EXPECT_EQ(push_from(push_body(push)), push);
}

TEST_F(PassmintPushTest, FindsTheTapThatCausedAnUpdate) {
  for (const auto* type : {"pass.update_pushed", "pass.updated"}) {
    auto body = event(type);
    body["data"]["object"]["pass"]["metadata"] = {{"last_scan_id", kTap}};
    const auto push = pushed(read(body));
    EXPECT_TRUE(push.may_be_echo);
    EXPECT_EQ(push.tap_id, kTap);
  }
}

TEST_F(PassmintPushTest, ForgetsTemplateEvents) {
  const auto about_template =
      read({{"id", "evt_3"}, {"type", "template.republished"}, {"data", {{"object", {}}}}});
  EXPECT_TRUE(about_template && !*about_template);
}

TEST_F(PassmintPushTest, RefusesWhatIsNotDocumented) {
  auto no_id = event(), no_type = event(), no_pass = event(), number = event(), scanner = event();
  no_id.erase("id");
  no_type["type"] = 7;
  no_pass["data"]["object"].erase("pass");
  number["data"]["object"]["pass"]["serial_number"] = 7;
  scanner["data"]["object"]["redemption"] = {{"scanner_device_id", 7}};
  for (const auto& body : {no_id, no_type, no_pass, number, scanner, json(7)}) {
    EXPECT_EQ(refusal(read(body)), Errc::bad_value) << body;
  }
}

}  // namespace
}  // namespace passgate::sync::test
