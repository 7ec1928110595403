// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/sim/passworks_sandbox.h"

namespace passgate::sim::test {
namespace {

using PassworksRedeemSandboxTest = PassworksSandbox;

TEST_F(PassworksRedeemSandboxTest, VoidsASingleUsePassAtTheFirstRedeemAndRefusesTheSecond) {
  clock_.advance(std::chrono::minutes{5});
  const auto first = redeem(kCoupons + "/passes/p-1", "one");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body["voided"], true);
  EXPECT_EQ(first.body["redeemed_count"], 1);
  EXPECT_EQ(first.body["redeemed_at"], "2026-11-20T10:05:00Z");
  EXPECT_EQ(first.body["updated_at"], "2026-11-20T10:05:00Z");

  clock_.advance(std::chrono::minutes{1});
  const auto second = redeem(kCoupons + "/passes/p-1", "two");
  EXPECT_EQ(second.status, 412);
  EXPECT_TRUE(second.body["errors"].is_array());
  const auto& used = pass("p-1");
  EXPECT_EQ(used.redeemed_count, 1U);
  EXPECT_EQ(used.updated, "2026-11-20T10:05:00Z");
  ASSERT_EQ(used.redemptions.size(), 2U);
  EXPECT_TRUE(used.redemptions[0].accepted);
  EXPECT_EQ(used.redemptions[0].comment, "one");
  EXPECT_FALSE(used.redemptions[1].accepted);
  EXPECT_EQ(used.redemptions[1].reason, "voided");
  EXPECT_EQ(used.redemptions[1].comment, "two");
}

TEST_F(PassworksRedeemSandboxTest, CountsTheSameRedeemTwiceWhenItIsSentTwice) {
  EXPECT_EQ(redeem(kCards + "/passes/card-1", "scan:1").status, 200);
  const auto again = redeem(kCards + "/passes/card-1", "scan:1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body["redeemed_count"], 2);
  EXPECT_EQ(again.body["voided"], false);
  EXPECT_NE(pass("card-1").redemptions[0].id, pass("card-1").redemptions[1].id);
}

TEST_F(PassworksRedeemSandboxTest, RedeemsByCodeAndKeepsTheComment) {
  const auto done =
      call("POST", kCoupons + "/redeem", R"({"pass":{"redeem_code":"0000001","comment":"north"}})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body["id"], "p-1");
  EXPECT_EQ(pass("p-1").redemptions.at(0).comment, "north");
  EXPECT_EQ(call("POST", kCoupons + "/redeem", R"({"pass":{"redeem_code":"7"}})").status, 404);
  EXPECT_EQ(call("POST", kCoupons + "/redeem", R"({"pass":{"comment":"x"}})").status, 412);
}

TEST_F(PassworksRedeemSandboxTest, RedeemsWithoutABodyBecauseTheCommentIsOptional) {
  EXPECT_EQ(call("POST", kCards + "/passes/card-1/redeem").status, 200);
  EXPECT_EQ(pass("card-1").redeemed_count, 1U);
}

TEST_F(PassworksRedeemSandboxTest, ResetTakesVoidAndCountBackSoThatThePassWorksAgain) {
  redeem(kCoupons + "/passes/p-1");
  clock_.advance(std::chrono::minutes{1});
  const auto reset = call("POST", kCoupons + "/passes/p-1/reset_redeem", "{\"pass\":{}}");
  EXPECT_EQ(reset.status, 200);
  EXPECT_EQ(reset.body["voided"], false);
  EXPECT_EQ(reset.body["redeemed_count"], 0);
  EXPECT_TRUE(reset.body["redeemed_at"].is_null());
  EXPECT_EQ(reset.body["updated_at"], "2026-11-20T10:01:00Z");
  EXPECT_EQ(redeem(kCoupons + "/passes/p-1").status, 200);
}

TEST_F(PassworksRedeemSandboxTest, ResetOfAnUnusedPassIsNoChange) {
  const std::string before = pass("p-1").updated;
  EXPECT_EQ(call("POST", kCoupons + "/passes/p-1/reset_redeem").status, 200);
  EXPECT_EQ(pass("p-1").updated, before);
}

TEST_F(PassworksRedeemSandboxTest, LogsAcceptedRedeemsOnlyPerPassAndPerCampaign) {
  run(sample_passes(1), {});
  const auto generated = ids(get(kCoupons + "/passes")).at(2);
  redeem(kCoupons + "/passes/" + generated, "first");
  redeem(kCoupons + "/passes/p-1", "second");
  redeem(kCoupons + "/passes/p-1", "refused");
  const auto of_pass = get(kCoupons + "/passes/p-1/redeems");
  ASSERT_EQ(of_pass.body.size(), 1U);
  EXPECT_EQ(of_pass.body[0]["pass_id"], "p-1");
  EXPECT_EQ(of_pass.body[0]["comment"], "second");
  EXPECT_EQ(of_pass.body[0]["created_at"], "2026-11-20T10:00:00Z");
  const auto all = get(kCoupons + "/redeems?per_page=1");
  EXPECT_EQ(header(all, "X-Total"), "2");
  EXPECT_EQ(header(all, "X-Next-Page"), "2");
  EXPECT_EQ(all.body[0]["comment"], "first");
  EXPECT_EQ(get(kCoupons + "/redeems?per_page=1&page=2").body[0]["comment"], "second");
}

TEST_F(PassworksRedeemSandboxTest, HasNoLogOfRedeemsWhenToldSo) {
  PassworksOptions options;
  options.lists_redeems = false;
  run(sample_passes(), std::move(options));
  EXPECT_EQ(get(kCoupons + "/redeems").status, 404);
  EXPECT_EQ(get(kCoupons + "/passes/p-1/redeems").status, 404);
}

TEST_F(PassworksRedeemSandboxTest, RefusesMembersThatTheDocumentsDoNotName) {
  const std::string url = kCoupons + "/passes/p-1/redeem";
  for (const auto* body : {R"({"pass":{"note":"x"}})", R"({"pass":{},"note":"x"})",
                           R"({"comment":"x"})", R"({"pass":{"comment":1}})", R"({"pass":[]})",
                           R"([])", R"({"pass":{"redeem_code":"1"}})"}) {
    const auto refused = call("POST", url, body);
    EXPECT_EQ(refused.status, 412) << body;
    EXPECT_TRUE(refused.body["errors"].is_object()) << body;
  }
  EXPECT_EQ(call("POST", url, "{\"pass\":").status, 400);
  EXPECT_TRUE(pass("p-1").redemptions.empty());
}

TEST_F(PassworksRedeemSandboxTest, RefusesABodyThatIsNotDeclaredAsJson) {
  for (const std::string type : {"application/x-www-form-urlencoded", "application/json5", ""}) {
    auto asked = request("POST", kCoupons + "/passes/p-1/redeem", R"({"pass":{}})");
    asked.headers["content-type"] = type;
    EXPECT_EQ(api_->answer(asked, {}).status, 415) << type;
  }
  EXPECT_EQ(pass("p-1").redeemed_count, 0U);
}

TEST_F(PassworksRedeemSandboxTest, PushesARedeemOnceWithTheOrganisationsKey) {
  PassworksOptions options;
  options.push_authorization = secret("org-key");
  run(sample_passes(), std::move(options));
  redeem(kCoupons + "/passes/p-1");
  const auto pushes = api_->take_pushes();
  ASSERT_EQ(pushes.size(), 1U);
  const std::pair<std::string, std::string> key("Authorization", "org-key");
  EXPECT_NE(std::ranges::find(pushes[0].headers, key), pushes[0].headers.end());
  json body = json::parse(pushes[0].body);
  EXPECT_TRUE(body["distribution_id"].is_string());
  body.erase("distribution_id");
  EXPECT_EQ(body, (json{{"event", "redeemed"},
                        {"context", "pass"},
                        {"campaign_id", "summer"},
                        {"pass_id", "p-1"},
                        {"voided", true},
                        {"serial_number", "s-1"},
                        {"redeemed_count", 1},
                        {"redeemed_at", "2026-11-20T10:00:00Z"},
                        {"created_at", "2026-01-01T00:00:00Z"},
                        {"updated_at", "2026-11-20T10:00:00Z"},
                        {"last_fetched_at", nullptr},
                        {"event_at", "2026-11-20T10:00:00Z"},
                        {"metadata", json::object()},
                        {"event_extra", {{"pass_id", "p-1"}}}}));
  EXPECT_TRUE(api_->take_pushes().empty());
}

TEST_F(PassworksRedeemSandboxTest, PushesNothingForARefusedRedeemOrAReset) {
  redeem(kCoupons + "/passes/p-2");
  EXPECT_TRUE(api_->take_pushes().empty());
  redeem(kCoupons + "/passes/p-1");
  call("POST", kCoupons + "/passes/p-1/reset_redeem");
  EXPECT_TRUE(api_->take_pushes().empty());  // those of the last answer only
}

}  // namespace
}  // namespace passgate::sim::test
