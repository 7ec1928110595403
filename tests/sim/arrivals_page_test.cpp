// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/arrivals_page.h"

#include <gtest/gtest.h>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "tests/sim/running_cloud.h"

namespace passgate::sim::test {
namespace {

using nlohmann::json;

/// What stands between two marks.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto from = text.find(begin);
  const auto to = text.find(end, from);
  if (from == std::string::npos || to == std::string::npos) return {};
  return text.substr(from + begin.size(), to - from - begin.size());
}

std::string source_of(const std::string& text) {
  return "'sha256-" + to_base64(crypto::sha256(bytes_of(text))) + "'";
}

class ArrivalsPageTest : public ::testing::Test {
 protected:
  const std::vector<std::string> credentials_ = {"X-API-KEY: k", "X-ACCOUNT-ID: aid_0xa01"};
  ManualClock clock_;
  RunningCloud cloud_{
      {.account_id = "aid_0xa01", .api_key = secret("k"), .reader_token = secret("rdr")},
      json::parse(R"({"templates":[{"id":"ptk_0x14","keys":["a"],
                     "passes":[{"serial":"s1"},{"serial":"s2"}]}]})"),
      clock_};

  json arrivals() const { return json::parse(cloud_.call("GET", "/_sim/arrivals").body); }
};

TEST_F(ArrivalsPageTest, LetsNothingRunButItsOwnScriptAndAskNobodyElse) {
  const auto page = cloud_.call("GET", "/_sim/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  const auto policy = page.headers.at("content-security-policy");
  const auto script = between(page.body, "<script>", "</script>");
  const auto style = between(page.body, "<style>", "</style>");
  ASSERT_FALSE(script.empty());
  EXPECT_TRUE(policy.starts_with("default-src 'none'; ")) << policy;
  EXPECT_NE(policy.find("script-src " + source_of(script) + ";"), std::string::npos) << policy;
  EXPECT_NE(policy.find("style-src " + source_of(style) + ";"), std::string::npos) << policy;
  EXPECT_NE(policy.find("connect-src 'self'"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  EXPECT_EQ(page.body.find("://"), std::string::npos);
}

TEST_F(ArrivalsPageTest, WritesWhatArrivedAsTextOnly) {
  const auto script = between(cloud_.call("GET", "/_sim/").body, "<script>", "</script>");
  EXPECT_NE(script.find("textContent"), std::string::npos);
  for (const auto* danger :
       {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval"}) {
    EXPECT_EQ(script.find(danger), std::string::npos) << danger;
  }
  cloud_.call("GET", "/v1/%3Cscript%3Ealert(1)%3C%2Fscript%3E", credentials_);
  const auto told = cloud_.call("GET", "/_sim/arrivals");
  EXPECT_EQ(told.headers.at("content-type"), "application/json");
  EXPECT_EQ(told.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(json::parse(told.body)["requests"][0]["path"], "/v1/<script>alert(1)</script>");
}

TEST_F(ArrivalsPageTest, TellsWhatBecameOfEachRequestNewestFirst) {
  cloud_.call("GET", "/v1/passes/ptk_0x14/s1", credentials_);
  cloud_.call("GET", "/v1/passes/ptk_0x14/none", credentials_);
  cloud_.plan("drop-after*1");
  cloud_.call("PATCH", "/v1/passes/ptk_0x14/s1", credentials_, R"({"pass":{"a":"secret-value"}})");
  const auto requests = arrivals()["requests"];
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0]["method"], "PATCH");
  EXPECT_EQ(requests[0]["path"], "/v1/passes/ptk_0x14/s1");
  EXPECT_TRUE(requests[0]["status"].is_null());
  EXPECT_EQ(requests[0]["fault"], "drop-after");
  EXPECT_EQ(requests[1]["status"], 404);
  EXPECT_EQ(requests[1]["code"], "MR2");
  EXPECT_EQ(requests[2]["status"], 200);
  EXPECT_EQ(requests[2]["at"], "2026-11-20T10:00:00.000Z");
  EXPECT_EQ(arrivals().dump().find("secret-value"), std::string::npos);
}

TEST_F(ArrivalsPageTest, KeepsTheLastTwoHundredRequests) {
  for (int i = 0; i < 205; ++i) cloud_.call("GET", "/v1/passes/ptk_0x14/s1", credentials_);
  const auto requests = arrivals()["requests"];
  ASSERT_EQ(requests.size(), 200U);
  EXPECT_EQ(requests[0]["n"], 205);
  EXPECT_EQ(requests[199]["n"], 6);
}

TEST_F(ArrivalsPageTest, CountsRedemptionsPerPassAcceptedAndRefused) {
  const std::string scan = R"({"scanType":"nfc","platform":"apple","message":"s2"})";
  for (int i = 0; i < 2; ++i) cloud_.call("POST", "/v1/scans", {"Authorization: Bearer rdr"}, scan);
  cloud_.call("GET", "/v1/passes/ptk_0x14/s1", credentials_);
  const auto passes = arrivals()["passes"];
  ASSERT_EQ(passes.size(), 1U);
  EXPECT_EQ(passes[0]["serial"], "s2");
  EXPECT_EQ(passes[0]["accepted"], 1);
  EXPECT_EQ(passes[0]["refused"], 1);
  EXPECT_EQ(passes[0]["redeemed_count"], 1);
  EXPECT_EQ(passes[0]["last"], "redeem 2026-11-20T10:00:00.000Z");
}

}  // namespace
}  // namespace passgate::sim::test
