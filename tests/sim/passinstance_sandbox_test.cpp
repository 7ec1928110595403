// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "sim/cloud/passinstance_api.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {
namespace {

using nlohmann::json;

SecretBytes secret(std::string text) {
  return SecretBytes::take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

json sample_passes(unsigned generate = 0) {
  return {{"templates",
           {{{"id", "tpl_1"},
             {"keys", {{"redeemedAt", ""}, {"seat", "any"}}},
             {"generate", generate},
             {"passes",
              {{{"serial", "VIP-1"}, {"id", "pass_1"}, {"fields", {{"seat", "A12"}}}},
               {{"serial", "VIP-2"},
                {"id", "pass_2"},
                {"voided", true},
                {"expires", "2026-12-16T02:00:00Z"}},
               {{"serial", "VIP-3"}, {"id", "pass_3"}, {"status", "Expired"}}}}}}}};
}

class PassinstanceSandboxTest : public ::testing::Test {
 protected:
  void SetUp() override { run(sample_passes(), {}); }

  void run(const json& passes, PassinstanceOptions options) {
    api_.reset();
    auto book = PassBook::read(passes);
    ASSERT_TRUE(book);
    book_ = std::move(*book);
    api_ =
        std::make_unique<PassinstanceApi>(book_, secret("pk_live_1"), clock_, std::move(options));
  }
  void run_generation_b() {
    PassinstanceOptions options;
    options.docs = PassinstanceDocs::b;
    run(sample_passes(), std::move(options));
  }

  static HttpRequest request(const std::string& method, const std::string& target,
                             const std::string& body = {}) {
    auto parsed = parse_target(target);
    EXPECT_TRUE(parsed) << target;
    HttpRequest made{method, parsed.value_or(Target{}), {{"x-api-key", "pk_live_1"}}, body};
    if (!body.empty()) made.headers["content-type"] = "application/json";
    return made;
  }
  ApiAnswer call(const std::string& method, const std::string& target, const std::string& body = {},
                 const ListQuirks& quirks = {}) {
    return api_->answer(request(method, target, body), quirks);
  }
  ApiAnswer put(const std::string& body) { return call("PUT", "/passes/pass_1", body); }
  const CloudPass& pass(const std::string& id = "pass_1") {
    const auto found = book_.find_pass(id).second;
    EXPECT_NE(found, nullptr) << id;
    return *found;
  }

  ManualClock clock_;
  PassBook book_;
  std::unique_ptr<PassinstanceApi> api_;
};

TEST_F(PassinstanceSandboxTest, AdmitsTheKeyInEitherHeader) {
  const auto status_of = [this](const std::string& name, const std::string& value) {
    auto asked = request("GET", "/passes/pass_1");
    asked.headers = {{name, value}};
    return api_->admit(asked).status;
  };
  EXPECT_EQ(status_of("x-api-key", "pk_live_1"), 200);
  EXPECT_EQ(status_of("authorization", "Bearer pk_live_1"), 200);
  EXPECT_EQ(status_of("x-api-key", "pk_live_2"), 401);
  EXPECT_EQ(status_of("x-api-key", "Bearer pk_live_1"), 401);
  EXPECT_EQ(status_of("authorization", "pk_live_1"), 401);
  EXPECT_EQ(status_of("authorization", "Bearer "), 401);
  EXPECT_EQ(status_of("accept", "*/*"), 401);
}

TEST_F(PassinstanceSandboxTest, PutReplacesAllFieldsByThoseItNames) {
  clock_.advance(std::chrono::minutes{1});
  const auto done =
      put(R"({"customFields":{"redeemedAt":{"value":"2026-11-20T10:01:00Z","label":"Used"}}})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body["customFields"]["redeemedAt"]["value"], "2026-11-20T10:01:00Z");
  EXPECT_EQ(done.body["customFields"]["seat"]["value"], "any");  // gone: the template's default
  EXPECT_EQ(pass().updated, "2026-11-20T10:01:00Z");
  EXPECT_EQ(pass().puts, 1U);
}

TEST_F(PassinstanceSandboxTest, PutThatChangesNothingLeavesTheTimeAndIsNotPushed) {
  const std::string before = pass().updated;
  EXPECT_EQ(put(R"({"customFields":{"seat":{"value":"A12"}}})").status, 200);
  EXPECT_EQ(put("{}").status, 200);
  EXPECT_EQ(pass().updated, before);
  EXPECT_EQ(pass().puts, 2U);
  EXPECT_TRUE(api_->take_pushes().empty());
}

TEST_F(PassinstanceSandboxTest, VoidsAPassForGoodAndKeepsItsFields) {
  clock_.advance(std::chrono::minutes{1});
  const auto done = put(R"({"voided":true})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body["status"], "voided");
  EXPECT_EQ(done.body["customFields"]["seat"]["value"], "A12");
  EXPECT_EQ(pass().updated, "2026-11-20T10:01:00Z");
  EXPECT_EQ(put(R"({"voided":false})").status, 422);
  EXPECT_TRUE(pass().voided);
}

TEST_F(PassinstanceSandboxTest, RefusesWhatItDoesNotKnowAndChangesNothing) {
  for (const auto* body :
       {R"({"fields":{"seat":"B1"}})", R"({"customFields":{"seat":"B1"}})",
        R"({"customFields":{"seat":{"label":"B1"}}})", R"({"customFields":{"seat":{"value":1}}})",
        R"({"customFields":{"seat":{"value":"B1","colour":"red"}}})",
        R"({"customFields":{"gate":{"value":"1"}}})", R"({"customFields":[]})",
        R"({"voided":"yes"})", R"({"voided":true,"note":"x"})", "[]", "{"}) {
    const auto refused = put(body);
    EXPECT_EQ(refused.status, 422) << body;
    EXPECT_TRUE(refused.body["message"].is_string()) << body;
  }
  auto undeclared = request("PUT", "/passes/pass_1", R"({"voided":true})");
  undeclared.headers["content-type"] = "text/plain";
  EXPECT_EQ(api_->answer(undeclared, {}).status, 422);
  EXPECT_EQ(pass().puts, 0U);
  EXPECT_FALSE(pass().voided);
}

TEST_F(PassinstanceSandboxTest, SpeaksTheOtherGenerationOfDocumentsWhenToldSo) {
  run_generation_b();
  const auto done = call("PUT", "/api/v1/passes/pass_1", R"({"fields":{"redeemedAt":"now"}})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body["fields"], (json{{"redeemedAt", "now"}, {"seat", "any"}}));
  EXPECT_FALSE(done.body.contains("customFields"));
  for (const auto* body : {R"({"customFields":{}})", R"({"fields":{"seat":{"value":"B1"}}})"}) {
    EXPECT_EQ(call("PUT", "/api/v1/passes/pass_1", body).status, 422) << body;
  }
  EXPECT_EQ(call("PUT", "/passes/pass_1", R"({"voided":true})").status, 404);
}

TEST_F(PassinstanceSandboxTest, ShowsOnePassWithItsStatus) {
  const json one = call("GET", "/passes/pass_1").body;
  EXPECT_EQ(one["id"], "pass_1");
  EXPECT_EQ(one["templateId"], "tpl_1");
  EXPECT_EQ(one["serialNumber"], "VIP-1");
  EXPECT_EQ(one["status"], "active");
  EXPECT_TRUE(one["expirationDate"].is_null());
  EXPECT_EQ(call("GET", "/passes/pass_2").body["status"], "voided");
  EXPECT_EQ(call("GET", "/passes/pass_2").body["expirationDate"], "2026-12-16T02:00:00Z");
  EXPECT_EQ(call("GET", "/passes/pass_3").body["status"], "expired");
  EXPECT_EQ(call("GET", "/passes/VIP-1").status, 404);
  EXPECT_EQ(call("PUT", "/passes/pass_9", R"({"voided":true})").status, 404);
  EXPECT_EQ(call("PATCH", "/passes/pass_1", R"({"voided":true})").status, 405);
}

TEST_F(PassinstanceSandboxTest, PagesThroughEveryPassOfATemplateOnce) {
  run(sample_passes(57), {});
  std::set<std::string> seen;
  json next = 1;
  int pages = 0;
  for (; next.is_number() && pages < 10; ++pages) {
    const auto page = call("GET", "/passes?templateId=tpl_1&page=" + next.dump());
    ASSERT_EQ(page.status, 200);
    for (const auto& row : page.body["data"]) seen.insert(row["id"].get<std::string>());
    next = page.body["nextPage"];
  }
  EXPECT_TRUE(next.is_null());
  EXPECT_EQ(pages, 3);  // 25, 25, 10: no empty page at the end
  EXPECT_EQ(seen.size(), 60U);
}

TEST_F(PassinstanceSandboxTest, BoundsPagesAndRefusesOddOnes) {
  run(sample_passes(200), {});
  const std::string list = "/passes?templateId=tpl_1";
  EXPECT_EQ(call("GET", list + "&limit=1000").body["data"].size(), 100U);
  const auto beyond = call("GET", list + "&page=18446744073709551615");
  EXPECT_TRUE(beyond.body["data"].empty());
  EXPECT_TRUE(beyond.body["nextPage"].is_null());
  EXPECT_EQ(call("GET", list + "&page=0").status, 422);
  EXPECT_EQ(call("GET", list + "&limit=x").status, 422);
  EXPECT_EQ(call("GET", "/passes").status, 422);
  EXPECT_EQ(call("GET", "/passes?templateId=tpl_2").status, 404);
}

TEST_F(PassinstanceSandboxTest, ShowsTheFirstPageForEverOnABadDay) {
  ListQuirks quirks;
  quirks.same_page = true;
  const auto page = call("GET", "/passes?templateId=tpl_1&page=7", {}, quirks);
  EXPECT_EQ(page.body["data"].size(), 3U);
  EXPECT_EQ(page.body["nextPage"], 8);
}

TEST_F(PassinstanceSandboxTest, ReadsNothingThatIsUndocumentedWhenToldSo) {
  EXPECT_TRUE(api_->lists(request("GET", "/passes?templateId=tpl_1")));
  EXPECT_FALSE(api_->lists(request("GET", "/passes/pass_1")));
  PassinstanceOptions options;
  options.undocumented_reads = false;
  run(sample_passes(), std::move(options));
  EXPECT_EQ(call("GET", "/passes/pass_1").status, 405);
  EXPECT_EQ(call("GET", "/passes?templateId=tpl_1").status, 405);
  EXPECT_FALSE(api_->lists(request("GET", "/passes?templateId=tpl_1")));
  EXPECT_EQ(put(R"({"voided":true})").status, 200);
}

TEST_F(PassinstanceSandboxTest, DeletedPassIsGone) {
  EXPECT_EQ(call("DELETE", "/passes/pass_1").status, 200);
  EXPECT_EQ(call("GET", "/passes/pass_1").status, 404);
  EXPECT_EQ(call("DELETE", "/passes/pass_1").status, 404);
  EXPECT_EQ(call("GET", "/passes?templateId=tpl_1").body["data"].size(), 2U);
  const auto pushes = api_->take_pushes();
  EXPECT_TRUE(pushes.empty());  // those of the last answer only
}

TEST_F(PassinstanceSandboxTest, PushesUpdateVoidAndDeletion) {
  const auto told = [this] {
    std::vector<json> bodies;
    for (const auto& push : api_->take_pushes()) bodies.push_back(json::parse(push.body));
    return bodies;
  };
  put(R"({"customFields":{"redeemedAt":{"value":"now"}},"voided":true})");
  const auto changes = told();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0]["event"], "pass.updated");
  EXPECT_EQ(changes[0]["timestamp"], "2026-11-20T10:00:00Z");
  EXPECT_TRUE(changes[0]["webhookId"].is_string());
  EXPECT_EQ(changes[0]["data"]["passId"], "pass_1");
  EXPECT_EQ(changes[0]["data"]["templateId"], "tpl_1");
  EXPECT_EQ(changes[0]["data"]["serialNumber"], "VIP-1");
  EXPECT_EQ(changes[0]["data"]["customFields"]["redeemedAt"]["value"], "now");
  EXPECT_EQ(changes[1]["event"], "pass.voided");
  put(R"({"voided":true})");  // voided already
  EXPECT_TRUE(told().empty());
  call("DELETE", "/passes/pass_1");
  const auto last = told();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0]["event"], "pass.deleted");
  EXPECT_EQ(last[0]["data"]["passId"], "pass_1");
  EXPECT_TRUE(told().empty());
}

TEST_F(PassinstanceSandboxTest, SignsPushesInTheHeaderItIsTold) {
  PassinstanceOptions options;
  options.push_secret = secret("your_webhook_secret_key");
  options.signature_header = "X-Passinstance-Signature";
  run(sample_passes(), std::move(options));
  put(R"({"voided":true})");
  const auto pushes = api_->take_pushes();
  ASSERT_EQ(pushes.size(), 1U);
  // Computed apart, with `openssl dgst -sha256 -hmac`, over exactly this body.
  EXPECT_EQ(pushes[0].body,
            R"({"data":{"customFields":{"redeemedAt":{"label":"redeemedAt","value":""},)"
            R"("seat":{"label":"seat","value":"A12"}},"passId":"pass_1","serialNumber":"VIP-1",)"
            R"("templateId":"tpl_1"},"event":"pass.voided","timestamp":"2026-11-20T10:00:00Z",)"
            R"("webhookId":"wh_0000000000000001"})");
  std::string signature;
  for (const auto& [name, value] : pushes[0].headers) {
    if (name == "X-Passinstance-Signature") signature = value;
  }
  EXPECT_EQ(signature, "sha256=71c7564285f5e48b321333c1ac0a3312b1b3bd23fd25a7b96cb3349ef900e6a5");
}

TEST_F(PassinstanceSandboxTest, LeavesPushesUnsignedWithoutAHeaderName) {
  PassinstanceOptions options;
  options.push_secret = secret("your_webhook_secret_key");
  run(sample_passes(), std::move(options));
  put(R"({"voided":true})");
  const auto pushes = api_->take_pushes();
  ASSERT_EQ(pushes.size(), 1U);
  for (const auto& [name, value] : pushes[0].headers) EXPECT_FALSE(value.starts_with("sha256="));
}

TEST_F(PassinstanceSandboxTest, SaysThatItFailsWithAMessage) {
  EXPECT_EQ(api_->failing(429).status, 429);
  EXPECT_EQ(api_->failing(500).status, 500);
  EXPECT_TRUE(api_->failing(500).body["message"].is_string());
  EXPECT_TRUE(api_->tells_rate());
}

}  // namespace
}  // namespace passgate::sim::test
