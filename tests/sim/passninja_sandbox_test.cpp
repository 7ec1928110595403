// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "sim/cloud/passninja_api.h"
#include "tests/sim/running_cloud.h"

namespace passgate::sim::test {
namespace {

using nlohmann::json;

const json kPasses = json::parse(R"({"templates":[
    {"id":"ptk_0x14","keys":{"member.name":"nobody","gate":""},"passes":[
      {"serial":"838b8cf60dac2bfad9","fields":{"member.name":"John"}},
      {"serial":"fee4a257185906b92a","status":"Expired"},
      {"serial":"0123456789abcdef01","status":"Removed"}]},
    {"id":"ptk_0x15","keys":[],"passes":[{"serial":"aaaaaaaaaaaaaaaaaa"}]}]})");

class PassNinjaSandboxTest : public ::testing::Test {
 protected:
  void SetUp() override { run(secret("rdr_token")); }
  void run(SecretBytes reader_token) {
    cloud_.emplace(CloudOptions{.account_id = "aid_0xa01",
                                .api_key = secret("key"),
                                .reader_token = std::move(reader_token),
                                .webhook_secret = secret("wbk_b3d6"),
                                .rescan_window_s = 10},
                   kPasses, clock_);
  }

  Reply scan(const json& body) const {
    return cloud_->call("POST", "/v1/scans", {"Authorization: Bearer rdr_token"}, body.dump());
  }
  static json tap_of(const std::string& serial) {
    return {{"scanType", "nfc"}, {"platform", "apple"}, {"message", serial}};
  }
  std::string result_of(const std::string& serial) const {
    const auto reply = scan(tap_of(serial));
    EXPECT_EQ(reply.status, 200);
    return json::parse(reply.body)["result"];
  }
  Reply call(const std::string& method, const std::string& serial, const std::string& body = {}) {
    return cloud_->call(method, "/v1/passes/ptk_0x14/" + serial, account_, body);
  }

  const std::string serial_ = "838b8cf60dac2bfad9";
  const std::vector<std::string> account_ = {"X-API-KEY: key", "X-ACCOUNT-ID: aid_0xa01"};
  ManualClock clock_;
  std::optional<RunningCloud> cloud_;
};

TEST_F(PassNinjaSandboxTest, AcceptsAScanAndSaysWhatTheReaderIsToShow) {
  const json body = json::parse(scan(tap_of(serial_)).body);
  EXPECT_EQ(body["result"], "accepted");
  EXPECT_FALSE(body["scanId"].get<std::string>().empty());
  EXPECT_EQ(body["pass"], (json{{"passTemplate", "ptk_0x14"}, {"passId", serial_}}));
  EXPECT_EQ(body["readerInstructions"]["success"], true);
  EXPECT_EQ(body["readerInstructions"]["led"], "green");
}

TEST_F(PassNinjaSandboxTest, CallsAScanWithinTheRescanWindowAReplayAndALaterOneASecondUse) {
  EXPECT_EQ(result_of(serial_), "accepted");
  clock_.advance(std::chrono::seconds{9});
  EXPECT_EQ(result_of(serial_), "rejected_replay");
  // The window runs from the last scan that was accepted.
  clock_.advance(std::chrono::seconds{1});
  EXPECT_EQ(result_of(serial_), "accepted");
  const json pass = cloud_->touched()["ptk_0x14"][serial_];
  EXPECT_EQ(pass["redeemed_count"], 2);
  EXPECT_EQ(pass["redemptions"].size(), 3U);
  EXPECT_EQ(pass["redemptions"][1]["accepted"], false);
  EXPECT_EQ(pass["redemptions"][1]["reason"], "rejected_replay");
}

TEST_F(PassNinjaSandboxTest, TheWindowOfOnePassIsNotThatOfAnother) {
  EXPECT_EQ(result_of(serial_), "accepted");
  EXPECT_EQ(result_of("aaaaaaaaaaaaaaaaaa"), "accepted");
}

TEST_F(PassNinjaSandboxTest, ScansOfExpiredAndDestroyedPassesAreInactive) {
  EXPECT_EQ(result_of("fee4a257185906b92a"), "rejected_inactive");
  EXPECT_EQ(call("DELETE", serial_).status, 200);
  EXPECT_EQ(result_of(serial_), "rejected_inactive");
  EXPECT_EQ(cloud_->touched()["ptk_0x14"][serial_]["redeemed_count"], 0);
}

TEST_F(PassNinjaSandboxTest, APassThatIsInNoWalletNowMayStillBeScanned) {
  EXPECT_EQ(result_of("0123456789abcdef01"), "accepted");
}

TEST_F(PassNinjaSandboxTest, AScanOfNoPassIsUnresolved) {
  const json body = json::parse(scan(tap_of("nobody")).body);
  EXPECT_EQ(body["result"], "unresolved");
  EXPECT_TRUE(body["pass"].is_null());
  EXPECT_EQ(body["readerInstructions"]["success"], false);
}

TEST_F(PassNinjaSandboxTest, RefusesAScanThatIsNotWrittenAsDocumented) {
  const json good = tap_of(serial_);
  const auto with = [&](const char* member, const json& value) {
    json changed = good;
    changed[member] = value;
    return changed;
  };
  for (const auto& bad : {with("scanType", "qr"), with("platform", "samsung"), with("message", ""),
                          with("message", 7), with("tap_id", "x"), with("scannedAt", "yesterday"),
                          json::array(), json{{"scanType", "nfc"}, {"platform", "apple"}}}) {
    EXPECT_EQ(scan(bad).status, 400) << bad;
  }
  EXPECT_EQ(json::parse(scan({{"payload", "55166a97"}}).body)["code"], "IP1");
  EXPECT_TRUE(cloud_->touched()["ptk_0x14"].empty());
  EXPECT_EQ(json::parse(scan(with("scannedAt", "2026-11-20T09:00:00Z")).body)["result"],
            "accepted");
}

TEST_F(PassNinjaSandboxTest, EveryAcceptedScanIsAnEffectMarkedByItsTime) {
  json late = tap_of(serial_);
  late["scannedAt"] = "2026-11-20T09:00:00Z";
  scan(late);
  scan(late);  // a replay: recorded, but no effect
  const json pass = cloud_->touched()["ptk_0x14"][serial_];
  ASSERT_EQ(pass["effects"].size(), 1U);
  EXPECT_EQ(pass["effects"][0]["what"], "redeem");
  EXPECT_EQ(pass["effects"][0]["comment"], "2026-11-20T09:00:00Z");
}

TEST_F(PassNinjaSandboxTest, OnlyAReaderScansAndAReaderDoesNothingElse) {
  const std::string body = tap_of(serial_).dump();
  EXPECT_EQ(cloud_->call("POST", "/v1/scans", account_, body).status, 401);
  EXPECT_EQ(cloud_->call("POST", "/v1/scans", {"Authorization: Bearer no"}, body).status, 403);
  const auto list = cloud_->call("GET", "/v1/passes/ptk_0x14", {"Authorization: Bearer rdr_token"});
  EXPECT_EQ(list.status, 401);
  EXPECT_TRUE(cloud_->touched()["ptk_0x14"].empty());
}

TEST_F(PassNinjaSandboxTest, AnAccountWithoutReadersIsNotEntitledToScan) {
  run({});
  const auto reply = scan(tap_of(serial_));
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(json::parse(reply.body)["code"], "ENTERPRISE_REQUIRED");
}

TEST_F(PassNinjaSandboxTest, PushesAnUpdateAsACloudEventWithTheSubscriptionsBearer) {
  call("PATCH", serial_, R"({"pass":{"gate":"a1"}})");
  const auto pushes = cloud_->pushes();
  ASSERT_EQ(pushes.size(), 1U);
  const json event = json::parse(pushes[0].body);
  EXPECT_EQ(event["specversion"], "1.0");
  EXPECT_EQ(event["type"], "pn.pass.updated");
  EXPECT_EQ(event["source"], "https://api.passninja.com/accounts/aid_0xa01");
  EXPECT_EQ(event["time"], "2026-11-20T10:00:00.000Z");
  EXPECT_EQ(event["data"], (json{{"pass_template", "ptk_0x14"},
                                 {"pass_id", serial_},
                                 {"metadata", {{"member.name", "John"}, {"gate", "a1"}}}}));
  const auto& headers = pushes[0].headers;
  EXPECT_NE(std::ranges::find(
                headers, std::pair<std::string, std::string>("Authorization", "Bearer wbk_b3d6")),
            headers.end());
}

TEST_F(PassNinjaSandboxTest, PushesEachUpdateUnderAnIdOfItsOwnAndNothingForARefusedOne) {
  call("PATCH", serial_, R"({"pass":{"gate":"a1"}})");
  call("PUT", serial_, R"({"pass":{}})");
  call("PATCH", serial_, R"({"pass":{"colour":"red"}})");
  call("GET", serial_);
  const auto pushes = cloud_->pushes();
  ASSERT_EQ(pushes.size(), 2U);
  EXPECT_NE(json::parse(pushes[0].body)["id"], json::parse(pushes[1].body)["id"]);
  EXPECT_TRUE(json::parse(pushes[1].body)["data"]["metadata"].is_null());
}

TEST_F(PassNinjaSandboxTest, PushesWhatHadItsEffectAlthoughTheAnswerWasLost) {
  cloud_->plan("drop-after*1,drop-before*1");
  call("PATCH", serial_, R"({"pass":{"gate":"a1"}})");
  call("PATCH", serial_, R"({"pass":{"gate":"a2"}})");
  EXPECT_EQ(cloud_->pushes().size(), 1U);
}

}  // namespace
}  // namespace passgate::sim::test
