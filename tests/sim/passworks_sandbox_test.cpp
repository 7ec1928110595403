// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/passworks_sandbox.h"

#include <set>

namespace passgate::sim::test {
namespace {

using PassworksSandboxTest = PassworksSandbox;

TEST_F(PassworksSandboxTest, AdmitsOnlyTheAccountWithItsKey) {
  HttpRequest asked = request("GET", kCoupons + "/passes");
  EXPECT_EQ(api_->admit(asked).status, 200);
  for (const std::string& wrong :
       {"Basic " + to_base64(bytes_of("acme:secret")),
        "Basic " + to_base64(bytes_of("acne:s3cret")), std::string("Basic acme:s3cret"),
        std::string("Bearer s3cret"), std::string()}) {
    asked.headers["authorization"] = wrong;
    EXPECT_EQ(api_->admit(asked).status, 401) << wrong;
  }
  asked.headers.clear();
  EXPECT_EQ(api_->admit(asked).status, 401);
}

TEST_F(PassworksSandboxTest, KnowsFiveTypesAndTheCampaignsOfTheBook) {
  EXPECT_EQ(get(kCoupons + "/passes/").status, 200);
  EXPECT_EQ(get("/v2/coupons/winter/passes").status, 404);
  EXPECT_EQ(get("/v2/vouchers/summer/passes").status, 404);
  EXPECT_EQ(get("/v2/store_cards/summer/passes").status, 404);
  EXPECT_EQ(get("/v1/coupons/summer/passes").status, 404);
  EXPECT_EQ(call("DELETE", kCoupons + "/passes").status, 405);
}

TEST_F(PassworksSandboxTest, PagesThroughEveryPassOnceTwentyFiveAtATimeByDefault) {
  run(sample_passes(58), {});
  std::set<std::string> seen;
  for (int number = 1; number <= 3; ++number) {
    const auto page = get(kCoupons + "/passes?page=" + std::to_string(number));
    ASSERT_EQ(page.status, 200);
    EXPECT_EQ(page.body.size(), number < 3 ? 25U : 10U);
    EXPECT_EQ(header(page, "X-Total"), "60");
    EXPECT_EQ(header(page, "X-Total-Pages"), "3");
    EXPECT_EQ(header(page, "X-Page"), std::to_string(number));
    EXPECT_EQ(header(page, "X-Per-Page"), "25");
    EXPECT_EQ(header(page, "X-Next-Page"), number < 3 ? std::to_string(number + 1) : "");
    EXPECT_EQ(header(page, "X-Prev-Page"), number > 1 ? std::to_string(number - 1) : "");
    EXPECT_EQ(header(page, "X-Offset"), std::to_string((number - 1) * 25));
    for (const auto& id : ids(page)) seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 60U);
}

TEST_F(PassworksSandboxTest, PutsAtMostFiftyPassesOnAPage) {
  run(sample_passes(58), {});
  const auto page = get(kCoupons + "/passes?per_page=1000");
  EXPECT_EQ(page.body.size(), 50U);
  EXPECT_EQ(header(page, "X-Per-Page"), "50");
  EXPECT_EQ(get(kCoupons + "/passes?per_page=1").body.size(), 1U);
}

TEST_F(PassworksSandboxTest, HasNothingBehindTheLastPageHoweverFar) {
  for (const auto* number : {"2", "99999999999999999", "18446744073709551615"}) {
    const auto page = get(kCoupons + "/passes?per_page=50&page=" + std::string(number));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, json::array()) << number;
    EXPECT_EQ(header(page, "X-Next-Page"), "");
  }
  for (const auto* wrong : {"page=0", "page=-1", "page=x", "per_page=0", "per_page="}) {
    const auto page = get(kCoupons + "/passes?" + wrong);
    EXPECT_EQ(page.status, 412) << wrong;
    EXPECT_TRUE(page.body["errors"].is_object());
  }
}

TEST_F(PassworksSandboxTest, ShowsTheFirstPageForEverOnABadDay) {
  run(sample_passes(58), {});
  ListQuirks quirks;
  quirks.same_page = true;
  const auto first = call("GET", kCoupons + "/passes?page=1", {}, quirks);
  const auto later = call("GET", kCoupons + "/passes?page=7", {}, quirks);
  EXPECT_EQ(ids(first), ids(later));
  EXPECT_EQ(header(later, "X-Next-Page"), "8");
}

TEST_F(PassworksSandboxTest, ClaimsAnotherTotalOnABadDay) {
  ListQuirks quirks;
  quirks.extra_total = 3;
  const auto page = call("GET", kCoupons + "/passes", {}, quirks);
  EXPECT_EQ(header(page, "X-Total"), "5");
  EXPECT_EQ(page.body.size(), 2U);
}

TEST_F(PassworksSandboxTest, TellsItsListFromEverythingElse) {
  EXPECT_TRUE(api_->lists(request("GET", kCoupons + "/passes?page=2")));
  EXPECT_FALSE(api_->lists(request("GET", kCoupons + "/passes/p-1")));
  EXPECT_FALSE(api_->lists(request("GET", kCoupons + "/redeems")));
  EXPECT_FALSE(api_->lists(request("POST", kCoupons + "/passes")));
}

TEST_F(PassworksSandboxTest, ListsWhatChangedSinceATimeOldestChangeFirst) {
  run(sample_passes(3), {});
  clock_.advance(std::chrono::minutes{1});
  const auto rows = ids(get(kCoupons + "/passes"));
  ASSERT_EQ(redeem(kCoupons + "/passes/" + rows[3]).status, 200);
  clock_.advance(std::chrono::minutes{1});
  ASSERT_EQ(redeem(kCoupons + "/passes/p-1").status, 200);
  const auto since = [this](const std::string& time) {
    return ids(
        get(kCoupons + "/passes?q%5Bupdated_at_gteq%5D=" + time + "&q%5Bs%5D=updated_at+asc"));
  };
  EXPECT_EQ(since("2026-11-20T10:00:00Z"), (std::vector<std::string>{rows[3], "p-1"}));
  EXPECT_EQ(since("2026-11-20T10:02:00Z"), std::vector<std::string>{"p-1"});  // equal counts
  EXPECT_TRUE(since("2026-11-20T10:02:01Z").empty());
  EXPECT_EQ(get(kCoupons + "/passes?q%5Bupdated_at_gteq%5D=yesterday").status, 412);
}

TEST_F(PassworksSandboxTest, ListsEveryPassWhenTheFilterIsNotKnown) {
  PassworksOptions options;
  options.filters_by_update = false;
  run(sample_passes(), std::move(options));
  EXPECT_EQ(
      get(kCoupons + "/passes?q%5Bupdated_at_gteq%5D=2026-11-20T10:00:00Z&q%5Bs%5D=updated_at+asc")
          .body.size(),
      2U);
}

TEST_F(PassworksSandboxTest, ShowsOnePassWithWhatAGateNeeds) {
  const json fresh = get(kCoupons + "/passes/p-1").body;
  EXPECT_EQ(fresh["campaign_id"], "summer");
  EXPECT_EQ(fresh["serial_number"], "s-1");
  EXPECT_EQ(fresh["redeem_code"], "0000001");
  EXPECT_EQ(fresh["voided"], false);
  EXPECT_EQ(fresh["redeemed_count"], 0);
  EXPECT_TRUE(fresh["redeemed_at"].is_null());
  EXPECT_TRUE(fresh["expiration_date"].is_null());
  const json voided = get(kCoupons + "/passes/p-2").body;
  EXPECT_EQ(voided["voided"], true);
  EXPECT_EQ(voided["expiration_date"], "2026-12-31T23:59:59Z");
  EXPECT_EQ(get(kCoupons + "/passes/p-9").status, 404);
  EXPECT_EQ(get(kCards + "/passes/p-1").status, 404);
}

TEST_F(PassworksSandboxTest, TellsThePassIdOfARedeemCode) {
  EXPECT_EQ(get(kCoupons + "/redeem/0000002").body["id"], "p-2");
  EXPECT_EQ(get(kCoupons + "/redeem/0000009").status, 404);
  EXPECT_EQ(get(kCards + "/redeem/0000002").status, 404);
}

TEST_F(PassworksSandboxTest, PatchChangesOnlyTheFieldsItNames) {
  clock_.advance(std::chrono::minutes{1});
  const auto done = call(
      "PATCH", kCoupons + "/passes/p-1",
      R"({"pass":{"auxiliary_fields":[{"key":"name","label":"Name","value":"Jo"}],"push":false}})");
  EXPECT_EQ(done.status, 201);
  EXPECT_EQ(done.body["secondary_fields"][0]["value"], "Jo");
  EXPECT_EQ(done.body["secondary_fields"][1]["value"], "A12");
  EXPECT_EQ(pass("p-1").updated, "2026-11-20T10:01:00Z");
}

TEST_F(PassworksSandboxTest, PatchThatChangesNothingLeavesTheTimeOfTheLastChange) {
  const std::string before = pass("p-1").updated;
  const auto done = call("PATCH", kCoupons + "/passes/p-1",
                         R"({"pass":{"primary_fields":[{"key":"seat","value":"A12"}]}})");
  EXPECT_EQ(done.status, 201);
  EXPECT_EQ(pass("p-1").updated, before);
  EXPECT_EQ(pass("p-1").patches, 1U);
}

TEST_F(PassworksSandboxTest, PatchRefusesWhatDoesNotFitTheCampaign) {
  for (const auto* body :
       {R"({"pass":{"primary_fields":[{"key":"gate","value":"1"}]}})",
        R"({"pass":{"primary_fields":[{"key":"seat","value":1}]}})",
        R"({"pass":{"primary_fields":[{"value":"1"}]}})",
        R"({"pass":{"primary_fields":[{"key":"name","colour":"1"}]}})",
        R"({"pass":{"primary_fields":{"key":"name"}}})", R"({"pass":{"expiration_date":"soon"}})",
        R"({"pass":{"voided":true}})"}) {
    EXPECT_EQ(call("PATCH", kCoupons + "/passes/p-1", body).status, 412) << body;
  }
  EXPECT_EQ(pass("p-1").patches, 0U);
  EXPECT_EQ(call("PATCH", kCoupons + "/passes/p-1",
                 R"({"pass":{"expiration_date":"2027-01-01T00:00:00Z"}})")
                .body["expiration_date"],
            "2027-01-01T00:00:00Z");
}

TEST_F(PassworksSandboxTest, SaysThatItFailsAsItsErrorsAreShaped) {
  EXPECT_EQ(api_->failing(429).status, 429);
  EXPECT_EQ(api_->failing(503).status, 503);
  EXPECT_TRUE(api_->failing(503).body["errors"].is_array());
  EXPECT_TRUE(api_->tells_rate());
}

}  // namespace
}  // namespace passgate::sim::test
