// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "sim/cloud/passmint_api.h"
#include "tests/sim/running_cloud.h"

namespace passgate::sim::test {
namespace {

using nlohmann::json;
using Headers = std::vector<std::string>;

const Headers kKey = {"Authorization: Bearer pmk_test_1"};
const Headers kScanner = {"Authorization: Bearer pms_paired"};

const json kPasses = json::parse(R"({"templates":[
    {"id":"tmpl_once","keys":["seat"],"passes":[
      {"serial":"s1","id":"pass_1","code":"c1","fields":{"seat":"A12"},"metadata":{"order":"o1"}},
      {"serial":"s2","id":"pass_2","code":"c2"},
      {"serial":"s3","id":"pass_3","code":"c3","voided":true}]},
    {"id":"tmpl_count","keys":[],"policy":{"mode":"count","max_uses":2},
      "passes":[{"serial":"s4","id":"pass_4","code":"c4"}]},
    {"id":"tmpl_free","keys":[],"policy":{"mode":"reusable"},
      "passes":[{"serial":"s5","id":"pass_5","code":"c5"}]}]})");

class PassmintSandboxTest : public ::testing::Test {
 protected:
  void SetUp() override { run(false); }
  void run(bool old_events) {
    cloud_.emplace(CloudOptions{.kind = "passmint",
                                .api_key = secret("pmk_test_1"),
                                .reader_token = secret("pms_paired"),
                                .pairing_code = secret("PAIR-ME"),
                                .webhook_secret = secret("whsec_test"),
                                .old_events = old_events},
                   kPasses, clock_);
  }

  Reply call(const std::string& method, const std::string& path, const json& body = nullptr,
             Headers headers = kKey) const {
    return cloud_->call(method, path, headers, body.is_null() ? "" : body.dump());
  }
  json get(const std::string& path) const { return json::parse(call("GET", path).body); }
  json scan(const std::string& code) const {
    const auto reply = call("POST", "/v1/scan", {{"code", code}}, kScanner);
    EXPECT_EQ(reply.status, 200);
    return json::parse(reply.body);
  }
  Reply keyed_patch(const std::string& key, const json& body) const {
    return call("PATCH", "/v1/passes/pass_1", body, {kKey[0], "Idempotency-Key: " + key});
  }
  static json error_of(const Reply& reply) { return json::parse(reply.body)["error"]; }
  static std::vector<std::string> ids_of(const json& list) {
    std::vector<std::string> ids;
    for (const auto& each : list["data"]) ids.push_back(each["id"]);
    return ids;
  }
  json state_of(const std::string& of, const std::string& serial) const {
    const auto reply = cloud_->call("GET", "/_sim/state?template=" + of + "&serial=" + serial);
    return json::parse(reply.body)["templates"][of][serial];
  }

  ManualClock clock_;
  std::optional<RunningCloud> cloud_;
};

TEST_F(PassmintSandboxTest, RefusesWhoHasNoKeyInItsOwnEnvelope) {
  for (const auto& headers : {Headers{}, Headers{"Authorization: Bearer pmk_test_2"},
                              Headers{"Authorization: pmk_test_1"}, kScanner}) {
    const auto reply = call("GET", "/v1/passes", nullptr, headers);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(error_of(reply)["type"], "authentication_error");
    EXPECT_TRUE(error_of(reply)["param"].is_null());
    EXPECT_TRUE(error_of(reply)["message"].is_string());
  }
  EXPECT_EQ(call("POST", "/v1/scan", {{"code", "c1"}}, kKey).status, 401);
}

TEST(PassmintSandbox, TakesOnlyATestKey) {
  ManualClock clock;
  PassBook book;
  EXPECT_FALSE(make_cloud_api({.kind = "passmint", .api_key = secret("pmk_live_1")}, book, clock));
  EXPECT_FALSE(make_cloud_api({.kind = "acme", .api_key = secret("pmk_test_1")}, book, clock));
}

TEST_F(PassmintSandboxTest, ShowsAPassAsItsVendorDoes) {
  const json pass = get("/v1/passes/pass_1");
  EXPECT_EQ(pass["object"], "pass");
  EXPECT_EQ(pass["id"], "pass_1");
  EXPECT_EQ(pass["serial_number"], "s1");
  EXPECT_EQ(pass["template_id"], "tmpl_once");
  EXPECT_EQ(pass["mode"], "test");
  EXPECT_EQ(pass["field_values"], (json{{"seat", "A12"}}));
  EXPECT_EQ(pass["metadata"], (json{{"order", "o1"}}));
  EXPECT_EQ(pass["voided"], false);
  EXPECT_EQ(pass["redeemed_count"], 0);
  EXPECT_TRUE(pass["first_redeemed_at"].is_null());
  EXPECT_TRUE(get("/v1/passes/pass_2")["metadata"].is_null());
  const auto missing = call("GET", "/v1/passes/s1");  // a serial is no id
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(error_of(missing)["type"], "not_found_error");
}

TEST_F(PassmintSandboxTest, ListsEveryPassOnceFromPageToPage) {
  std::vector<std::string> ids;
  std::string after;
  for (int page = 0; page < 3; ++page) {
    const json list = get("/v1/passes?limit=2" + (after.empty() ? "" : "&starting_after=" + after));
    EXPECT_EQ(list["object"], "list");
    EXPECT_EQ(list["has_more"], page < 2);
    for (const auto& id : ids_of(list)) ids.push_back(id);
    after = ids.back();
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"pass_5", "pass_4", "pass_3", "pass_2", "pass_1"}));
}

TEST_F(PassmintSandboxTest, NarrowsAListToATemplate) {
  const json list = get("/v1/passes?template_id=tmpl_once&limit=3");
  EXPECT_EQ(ids_of(list), (std::vector<std::string>{"pass_3", "pass_2", "pass_1"}));
  EXPECT_EQ(list["has_more"], false);
  EXPECT_TRUE(get("/v1/passes?template_id=tmpl_none")["data"].empty());
  const auto foreign = call("GET", "/v1/passes?template_id=tmpl_once&starting_after=pass_4");
  EXPECT_EQ(error_of(foreign)["code"], "invalid_cursor");
}

TEST_F(PassmintSandboxTest, TakesLimitsAsTheVendorDocuments) {
  const json none = get("/v1/passes?limit=0");
  EXPECT_TRUE(none["data"].empty());
  EXPECT_EQ(none["has_more"], true);
  EXPECT_EQ(get("/v1/passes?limit=99999999999999999999")["data"].size(), 5U);
  for (const auto* limit : {"-1", "1.5", "", "x"}) {
    const auto reply = call("GET", std::string("/v1/passes?limit=") + limit);
    EXPECT_EQ(reply.status, 400) << limit;
    EXPECT_EQ(error_of(reply)["code"], "invalid_limit") << limit;
  }
  EXPECT_EQ(error_of(call("GET", "/v1/passes?starting_after=x"))["code"], "invalid_cursor");
}

TEST_F(PassmintSandboxTest, GivesNoMoreThanAHundredPassesAPage) {
  json many = kPasses;
  many["templates"][0]["generate"] = 150U;
  cloud_.emplace(CloudOptions{.kind = "passmint", .api_key = secret("pmk_test_1")}, many, clock_);
  EXPECT_EQ(get("/v1/passes?limit=1000")["data"].size(), 100U);
  EXPECT_EQ(get("/v1/passes")["data"].size(), 50U);
}

TEST_F(PassmintSandboxTest, PatchReplacesTheMapsItNamesAndNoOther) {
  const auto reply = call("PATCH", "/v1/passes/pass_1", {{"metadata", {{"last_scan_id", "t1"}}}});
  EXPECT_EQ(reply.status, 200);
  const json pass = json::parse(reply.body);
  EXPECT_EQ(pass["metadata"], (json{{"last_scan_id", "t1"}}));
  EXPECT_EQ(pass["field_values"], (json{{"seat", "A12"}}));
  EXPECT_TRUE(pass["warnings"].is_array());
  EXPECT_TRUE(pass["delivery"]["apple"].contains("pushed"));
  call("PATCH", "/v1/passes/pass_1", {{"field_values", json::object()}});
  EXPECT_EQ(get("/v1/passes/pass_1")["field_values"], json::object());
  EXPECT_EQ(state_of("tmpl_once", "s1")["effects"][0]["metadata"]["last_scan_id"], "t1");
}

TEST_F(PassmintSandboxTest, RefusesAPatchThatIsNotWrittenAsDocumented) {
  for (const auto& body : std::vector<json>{json::object(),
                                            json::array(),
                                            {{"pass", json::object()}},
                                            {{"metadata", "x"}},
                                            {{"metadata", nullptr}},
                                            {{"field_values", {{"seat", 7}}}},
                                            {{"field_values", {{"colour", "red"}}}},
                                            {{"metadata", json::object()}, {"voided", true}}}) {
    const auto reply = call("PATCH", "/v1/passes/pass_1", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(error_of(reply)["type"], "invalid_request_error") << body;
  }
  EXPECT_EQ(call("PATCH", "/v1/passes/pass_3", {{"metadata", {{"a", "b"}}}}).status, 400);
  EXPECT_EQ(state_of("tmpl_once", "s1")["patches"], 0);
  EXPECT_EQ(state_of("tmpl_once", "s3")["patches"], 0);
}

TEST_F(PassmintSandboxTest, DeleteVoidsAndTheSecondTimeChangesNothing) {
  const json pass = json::parse(call("DELETE", "/v1/passes/pass_1").body);
  EXPECT_EQ(pass["voided"], true);
  EXPECT_EQ(pass["voided_at"], "2026-11-20T10:00:00Z");
  clock_.advance(Milliseconds{5000});
  EXPECT_EQ(json::parse(call("DELETE", "/v1/passes/pass_1").body)["voided_at"], pass["voided_at"]);
  EXPECT_EQ(state_of("tmpl_once", "s1")["effects"].size(), 1U);
  EXPECT_EQ(cloud_->pushes().size(), 1U);
}

TEST_F(PassmintSandboxTest, TellsTheRedemptionPolicyOfATemplate) {
  EXPECT_EQ(get("/v1/templates/tmpl_count")["redemption_policy"],
            (json{{"mode", "count"}, {"maxUses", 2}}));
  EXPECT_EQ(get("/v1/templates/tmpl_once")["redemption_policy"],
            (json{{"mode", "single_use"}, {"maxUses", nullptr}}));
  EXPECT_EQ(call("GET", "/v1/templates/none").status, 404);
  EXPECT_TRUE(get("/v1/me")["usage"]["api_calls"].contains("quota"));
}

TEST_F(PassmintSandboxTest, EnforcesThePolicyOfEachTemplate) {
  EXPECT_EQ(scan("c1")["decision"], "accepted");
  EXPECT_EQ(scan("c1")["reason"], "already_redeemed");
  EXPECT_EQ(scan("c4")["decision"], "accepted");
  EXPECT_EQ(scan("c4")["decision"], "accepted");
  EXPECT_EQ(scan("c4")["reason"], "count_exhausted");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(scan("c5")["decision"], "accepted");
  EXPECT_EQ(scan("c3")["reason"], "voided");
  const json unknown = scan("nothing");
  EXPECT_EQ(unknown["decision"], "rejected");
  EXPECT_EQ(unknown["reason"], "not_found");
  EXPECT_TRUE(unknown["redemption"].is_null());
  EXPECT_EQ(get("/v1/passes/pass_4")["redeemed_count"], 2);
}

TEST_F(PassmintSandboxTest, ARejectedScanIsLoggedAndChangesNothing) {
  const json accepted = scan("c1");
  EXPECT_EQ(accepted["object"], "scan");
  EXPECT_TRUE(accepted["reason"].is_null());
  clock_.advance(Milliseconds{60'000});
  scan("c1");
  const json log = get("/v1/passes/pass_1/redemptions");
  ASSERT_EQ(log["data"].size(), 2U);
  EXPECT_EQ(log["data"][0]["decision"], "rejected");  // newest first
  EXPECT_EQ(log["data"][0]["reason"], "already_redeemed");
  EXPECT_EQ(log["data"][0]["scanned_at"], "2026-11-20T10:01:00Z");
  EXPECT_EQ(log["data"][1], accepted["redemption"]);
  EXPECT_EQ(get("/v1/passes/pass_1/redemptions?limit=1")["has_more"], true);
  const json pass = get("/v1/passes/pass_1");
  EXPECT_EQ(pass["redeemed_count"], 1);
  EXPECT_EQ(pass["first_redeemed_at"], "2026-11-20T10:00:00Z");
  EXPECT_EQ(state_of("tmpl_once", "s1")["effects"].size(), 1U);
}

TEST_F(PassmintSandboxTest, FindsAScannedPassByItsSerialToo) {
  EXPECT_EQ(scan("s2")["decision"], "accepted");
  EXPECT_EQ(scan("c2")["reason"], "already_redeemed");
}

TEST_F(PassmintSandboxTest, AScanThatIsNotWellFormedIsNoScan) {
  for (const auto& body : std::vector<json>{json::array(),
                                            json::object(),
                                            {{"code", ""}},
                                            {{"code", 7}},
                                            {{"code", "c1"}, {"at", "2026-11-20T10:00:00Z"}}}) {
    EXPECT_EQ(call("POST", "/v1/scan", body, kScanner).status, 400) << body;
  }
  EXPECT_TRUE(state_of("tmpl_once", "s1")["redemptions"].empty());
}

TEST_F(PassmintSandboxTest, AnIdempotencyKeyDoesNotMakeTwoScansOne) {
  const Headers keyed = {kScanner[0], "Idempotency-Key: k1"};
  for (int i = 0; i < 2; ++i) call("POST", "/v1/scan", {{"code", "c5"}}, keyed);
  EXPECT_EQ(get("/v1/passes/pass_5")["redeemed_count"], 2);
}

TEST_F(PassmintSandboxTest, AReplayUnderTheSameKeyGivesTheStoredAnswerAndNoEffect) {
  const json body = {{"metadata", {{"last_scan_id", "t1"}}}};
  const auto first = keyed_patch("k1", body);
  call("PATCH", "/v1/passes/pass_1", {{"metadata", {{"last_scan_id", "t2"}}}});
  const auto again = keyed_patch("k1", body);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(get("/v1/passes/pass_1")["metadata"]["last_scan_id"], "t2");
  EXPECT_EQ(state_of("tmpl_once", "s1")["patches"], 2);
  EXPECT_EQ(cloud_->pushes().size(), 2U);
}

TEST_F(PassmintSandboxTest, TheSameKeyForAnotherRequestIsAConflict) {
  keyed_patch("k1", {{"metadata", {{"a", "1"}}}});
  const auto reply = keyed_patch("k1", {{"metadata", {{"a", "2"}}}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(error_of(reply)["type"], "idempotency_error");
  EXPECT_EQ(get("/v1/passes/pass_1")["metadata"]["a"], "1");
}

TEST_F(PassmintSandboxTest, AKeyIsForgottenAfterADay) {
  const json body = {{"metadata", {{"a", "1"}}}};
  keyed_patch("k1", body);
  clock_.advance(std::chrono::hours{24} - Milliseconds{1});
  EXPECT_EQ(keyed_patch("k1", {{"metadata", {{"a", "2"}}}}).status, 409);
  clock_.advance(Milliseconds{1});
  EXPECT_EQ(keyed_patch("k1", {{"metadata", {{"a", "2"}}}}).status, 200);
}

TEST_F(PassmintSandboxTest, AFailureThatNeverReachedTheApiIsNotKeptUnderTheKey) {
  const json body = {{"metadata", {{"a", "1"}}}};
  cloud_->plan("503*1");
  const auto failed = keyed_patch("k1", body);
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(error_of(failed)["type"], "api_error");
  EXPECT_EQ(keyed_patch("k1", body).status, 200);
}

TEST_F(PassmintSandboxTest, PairsAScannerOnceAndItsTokenScans) {
  EXPECT_EQ(call("POST", "/v1/scanners/pair", {{"code", "wrong"}}, {}).status, 400);
  const auto reply = call("POST", "/v1/scanners/pair", {{"code", "PAIR-ME"}}, {});
  EXPECT_EQ(reply.status, 200);
  const json paired = json::parse(reply.body);
  EXPECT_EQ(paired["object"], "scanner_pairing");
  EXPECT_TRUE(paired["device"]["template_id"].is_null());
  const Headers token = {"Authorization: Bearer " + paired["token"].get<std::string>()};
  const json scanned = json::parse(call("POST", "/v1/scan", {{"code", "c1"}}, token).body);
  EXPECT_EQ(scanned["redemption"]["scanner_name"], paired["device"]["name"]);
  const auto second = call("POST", "/v1/scanners/pair", {{"code", "PAIR-ME"}}, {});
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(error_of(second)["code"], "invalid_pairing_code");
}

TEST_F(PassmintSandboxTest, TellsEventsNewestFirstAndSinceWhenAskedTo) {
  call("PATCH", "/v1/passes/pass_1", {{"metadata", {{"a", "1"}}}});
  clock_.advance(Milliseconds{60'000});
  scan("c4");
  clock_.advance(Milliseconds{60'000});
  call("DELETE", "/v1/passes/pass_2");
  const auto types = [&](const std::string& query) {
    std::string all;
    const json list = get("/v1/events" + query);
    for (const auto& each : list["data"]) all += each["type"].get<std::string>() + " ";
    return all;
  };
  EXPECT_EQ(types(""), "voided redeemed updated ");
  EXPECT_EQ(types("?since=2026-11-20T10:01:00Z"), "voided redeemed ");
  EXPECT_EQ(types("?until=2026-11-20T10:01:00Z"), "updated ");
  EXPECT_EQ(types("?template_id=tmpl_once"), "voided updated ");
  EXPECT_EQ(types("?pass_id=pass_4"), "redeemed ");
  EXPECT_EQ(types("?type=updated"), "updated ");
  const json first = get("/v1/events?limit=1");
  EXPECT_EQ(first["has_more"], true);
  EXPECT_EQ(first["data"][0]["pass_id"], "pass_2");
  const auto after = "&starting_after=" + first["data"][0]["id"].get<std::string>();
  EXPECT_EQ(types("?limit=2" + after), "redeemed updated ");
  EXPECT_EQ(get("/v1/passes/pass_4/events")["data"].size(), 1U);
}

TEST_F(PassmintSandboxTest, RefusesToListEventsByWhatDoesNotRead) {
  EXPECT_EQ(call("GET", "/v1/events?since=yesterday").status, 400);
  EXPECT_EQ(error_of(call("GET", "/v1/events?limit=-1"))["code"], "invalid_limit");
  EXPECT_EQ(error_of(call("GET", "/v1/events?starting_after=x"))["code"], "invalid_cursor");
}

std::string header_of(const CloudApi::Push& push, const std::string& name) {
  for (const auto& [key, value] : push.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST_F(PassmintSandboxTest, SignsItsPushesWithTheSecretAsItIsGiven) {
  call("PATCH", "/v1/passes/pass_1", {{"metadata", {{"a", "1"}}}});
  const auto pushes = cloud_->pushes();
  ASSERT_EQ(pushes.size(), 1U);
  const std::string message = "1795168800." + pushes[0].body;  // 2026-11-20T10:00:00Z
  const auto mac = crypto::hmac_sha256(bytes_of("whsec_test"), bytes_of(message));
  EXPECT_EQ(header_of(pushes[0], "passmint-signature"), "t=1795168800,v1=" + to_hex(mac));
  EXPECT_EQ(header_of(pushes[0], "passmint-event-type"), "pass.update_pushed");
}

TEST_F(PassmintSandboxTest, PushesAUseWithTheDeviceThatScannedIt) {
  scan("c4");
  scan("nothing");
  scan("c3");
  const auto pushes = cloud_->pushes();
  ASSERT_EQ(pushes.size(), 1U);  // what was rejected is not pushed
  const json event = json::parse(pushes[0].body);
  EXPECT_EQ(event["type"], "pass.redeemed");
  EXPECT_EQ(event["data"]["object"]["pass"]["id"], "pass_4");
  EXPECT_EQ(event["data"]["object"]["pass"]["serial_number"], "s4");
  const json use = event["data"]["object"]["redemption"];
  EXPECT_EQ(use["scanner_device_id"], "scn_sandbox");
  EXPECT_EQ(use["scans_used"], 1);
  EXPECT_EQ(use["policy_mode"], "count");
}

TEST_F(PassmintSandboxTest, PushesThatAPassWasVoided) {
  call("DELETE", "/v1/passes/pass_1");
  const json event = json::parse(cloud_->pushes().at(0).body);
  EXPECT_EQ(event["type"], "pass.voided");
  EXPECT_EQ(event["data"]["object"]["pass"]["voided"], true);
  EXPECT_EQ(event["livemode"], false);
}

TEST_F(PassmintSandboxTest, SpeaksTheOlderVocabularyWhenToldTo) {
  run(true);
  call("PATCH", "/v1/passes/pass_1", {{"metadata", {{"a", "1"}}}});
  scan("c1");
  call("DELETE", "/v1/passes/pass_1");
  const auto pushes = cloud_->pushes();
  ASSERT_EQ(pushes.size(), 2U);  // it has no word for a use
  EXPECT_EQ(json::parse(pushes[0].body)["type"], "pass.updated");
  EXPECT_EQ(json::parse(pushes[1].body)["type"], "pass.voided");
  EXPECT_EQ(json::parse(pushes[1].body)["data"]["pass"]["id"], "pass_1");
}

}  // namespace
}  // namespace passgate::sim::test
