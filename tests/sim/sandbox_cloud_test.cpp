// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/sandbox_cloud.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "sim/http/server.h"
#include "tests/sim/http_client.h"
#include "tests/sim/manual_clock.h"
#include "tests/sim/running_cloud.h"

namespace passgate::sim::test {
namespace {

using nlohmann::json;

constexpr std::string_view kAccount = "aid_0xa01";
constexpr std::string_view kApiKey = "91dbb1e7af9c80aba6ed3f95a1545b4e";
const std::string kSerial = "838b8cf60dac2bfad9";

json sample_passes(unsigned generate = 0) {
  return {{"templates",
           {{{"id", "ptk_0x14"},
             {"keys", {{"member.name", "nobody"}, {"discount", "0%"}, {"redeemed-at", ""}}},
             {"generate", generate},
             {"passes",
              {{{"serial", kSerial},
                {"fields", {{"member.name", "John"}, {"discount", "50%"}}},
                {"installed", "2026-04-23T14:30:00Z"}},
               {{"serial", "fee4a257185906b92a"}, {"status", "Expired"}}}}}}}};
}

/// A running sandbox with two passes, and the account's credentials.
class SandboxCloudTest : public ::testing::Test {
 protected:
  void SetUp() override { run(sample_passes(), {}); }

  void run(const json& passes, CloudOptions options, JsonLines log = {}) {
    server_.reset();
    options.account_id = kAccount;
    std::string key(kApiKey);
    options.api_key = SecretBytes::take({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
    auto book = PassBook::read(passes);
    ASSERT_TRUE(book);
    cloud_ = std::make_unique<SandboxCloud>(std::move(options), std::move(*book), FaultPlan{},
                                            std::move(log), clock_);
    auto server =
        HttpServer::start({}, {}, [this](const HttpRequest& r) { return cloud_->answer(r); });
    ASSERT_TRUE(server);
    server_ = std::make_unique<HttpServer>(std::move(*server));
  }

  std::string url(const std::string& path) const { return server_->url() + path; }
  std::string pass_url() const { return url("/v1/passes/ptk_0x14/" + kSerial); }
  Reply call(const std::string& method, const std::string& path,
             const std::string& body = {}) const {
    return ask(method, url(path), credentials_, body);
  }
  Reply patch(const std::string& body) const {
    return ask("PATCH", pass_url(), credentials_, body);
  }
  json state(const std::string& serial = kSerial) const {
    const auto reply = ask("GET", url("/_sim/state?template=ptk_0x14&serial=" + serial));
    return json::parse(reply.body)["templates"]["ptk_0x14"][serial];
  }
  void plan(const std::string& spec) const {
    ASSERT_EQ(ask("POST", url("/_sim/faults"), {}, json{{"faults", spec}}.dump()).status, 200);
  }

  const std::vector<std::string> credentials_ = {"X-API-KEY: " + std::string(kApiKey),
                                                 "X-ACCOUNT-ID: " + std::string(kAccount),
                                                 "Content-Type: application/json"};
  ManualClock clock_;
  std::unique_ptr<SandboxCloud> cloud_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(SandboxCloudTest, RefusesARequestWithoutCredentialsAsUa1) {
  const auto reply = ask("GET", pass_url());
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(json::parse(reply.body)["code"], "UA1");
}

TEST_F(SandboxCloudTest, RefusesWrongCredentialsAsUa2) {
  const auto reply = ask("GET", pass_url(), {"X-API-KEY: no", "X-ACCOUNT-ID: aid_0xa01"});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(json::parse(reply.body)["code"], "UA2");
}

TEST_F(SandboxCloudTest, ListsAllPassesWithoutMetaWhenNoPageIsAskedFor) {
  run(sample_passes(25), {});
  const json body = json::parse(call("GET", "/v1/passes/ptk_0x14").body);
  EXPECT_EQ(body["passes"].size(), 27U);
  EXPECT_FALSE(body.contains("meta"));
  EXPECT_EQ(body["passes"][0]["status"], "Active");
  EXPECT_EQ(body["passes"][0]["installedDate"], "2026-04-23T14:30:00Z");
  EXPECT_EQ(body["passes"][1]["status"], "Expired");
  EXPECT_TRUE(body["passes"][1]["installedDate"].is_null());
}

TEST_F(SandboxCloudTest, PagesThroughEveryPassOnceTenAtATimeByDefault) {
  run(sample_passes(25), {});
  std::set<std::string> serials;
  for (int page = 1; page <= 3; ++page) {
    const json body =
        json::parse(call("GET", "/v1/passes/ptk_0x14?page=" + std::to_string(page)).body);
    EXPECT_EQ(
        body["meta"],
        (json{{"current_page", page}, {"total_pages", 3}, {"total_count", 27}, {"per_page", 10}}));
    for (const auto& row : body["passes"]) serials.insert(row["id"].get<std::string>());
  }
  EXPECT_EQ(serials.size(), 27U);
  const json beyond = json::parse(call("GET", "/v1/passes/ptk_0x14?page=99999999999999999").body);
  EXPECT_TRUE(beyond["passes"].empty());
}

TEST_F(SandboxCloudTest, SearchMatchesPartOfASerialInAnyCase) {
  const json body = json::parse(call("GET", "/v1/passes/ptk_0x14?page=1&search=8CF60D").body);
  ASSERT_EQ(body["passes"].size(), 1U);
  EXPECT_EQ(body["passes"][0]["id"], kSerial);
  EXPECT_EQ(body["meta"]["total_count"], 1);
}

TEST_F(SandboxCloudTest, ShowsFieldsButNoStatusOfOnePass) {
  const json body = json::parse(call("GET", "/v1/passes/ptk_0x14/" + kSerial).body);
  EXPECT_EQ(body["pass"],
            (json{{"member.name", "John"}, {"discount", "50%"}, {"redeemed-at", ""}}));
  EXPECT_FALSE(body.contains("status"));
  EXPECT_FALSE(body.contains("installedDate"));
}

TEST_F(SandboxCloudTest, PatchChangesOnlyTheFieldsItNames) {
  const auto reply = patch(R"({"pass":{"redeemed-at":"2026-11-20T10:00:00Z"}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_FALSE(json::parse(reply.body).contains("pass"));
  EXPECT_EQ(state()["patches"], 1);
  EXPECT_EQ(state()["fields"], (json{{"member.name", "John"},
                                     {"discount", "50%"},
                                     {"redeemed-at", "2026-11-20T10:00:00Z"}}));
}

TEST_F(SandboxCloudTest, PutResetsOmittedFieldsToTheTemplatesDefaults) {
  const auto reply = ask("PUT", pass_url(), credentials_, R"({"pass":{"discount":"10%"}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(state()["fields"],
            (json{{"member.name", "nobody"}, {"discount", "10%"}, {"redeemed-at", ""}}));
}

TEST_F(SandboxCloudTest, RefusesFieldsTheTemplateDoesNotHaveAndChangesNothing) {
  const auto reply = patch(R"({"pass":{"discount":"0%","colour":"red"}})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(json::parse(reply.body)["code"], "MI1");
  EXPECT_EQ(state()["fields"]["discount"], "50%");
  EXPECT_EQ(state()["patches"], 0);
  EXPECT_EQ(patch("{\"pass\":").status, 400);
  EXPECT_EQ(patch("[]").status, 400);
}

TEST_F(SandboxCloudTest, NamesWhatIsMissingByMr1AndMr2) {
  const auto no_template = call("GET", "/v1/passes/ptk_0x99");
  EXPECT_EQ(no_template.status, 404);
  EXPECT_EQ(json::parse(no_template.body)["code"], "MR1");
  const auto no_pass = call("GET", "/v1/passes/ptk_0x14/none");
  EXPECT_EQ(no_pass.status, 404);
  EXPECT_EQ(json::parse(no_pass.body)["code"], "MR2");
}

TEST_F(SandboxCloudTest, DeleteAnswersABareSerialAndThePassIsGone) {
  const auto reply = call("DELETE", "/v1/passes/ptk_0x14/" + kSerial);
  EXPECT_EQ(reply.body, "\"" + kSerial + "\"");
  EXPECT_EQ(json::parse(call("GET", "/v1/passes/ptk_0x14/" + kSerial).body)["code"], "MR2");
  EXPECT_EQ(json::parse(call("GET", "/v1/passes/ptk_0x14?page=1").body)["meta"]["total_count"], 1);
  EXPECT_EQ(state()["destroyed"], true);
}

TEST_F(SandboxCloudTest, FaultsAreUsedUpByTheRequestsTheyAreFor) {
  plan("429=7*2@PATCH,503*1");
  EXPECT_EQ(call("GET", "/v1/passes/ptk_0x14").status, 503);
  for (int i = 0; i < 2; ++i) {
    const auto limited = patch(R"({"pass":{"discount":"1%"}})");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.headers.at("retry-after"), "7");
    EXPECT_EQ(json::parse(limited.body)["code"], "RL1");
  }
  EXPECT_EQ(state()["patches"], 0);
  EXPECT_EQ(patch(R"({"pass":{"discount":"1%"}})").status, 200);
}

TEST_F(SandboxCloudTest, ADropBeforeHasNoEffectAndADropAfterHas) {
  plan("drop-before*1,drop-after*1");
  EXPECT_NE(patch(R"({"pass":{"discount":"1%"}})").curl, CURLE_OK);
  EXPECT_EQ(state()["patches"], 0);
  EXPECT_NE(patch(R"({"pass":{"discount":"2%"}})").curl, CURLE_OK);
  EXPECT_EQ(state()["patches"], 1);
  EXPECT_EQ(state()["fields"]["discount"], "2%");
}

TEST_F(SandboxCloudTest, SpoilsAnswersInTheWaysAClientMustSurvive) {
  plan("html*1,cut-off*1,half-json*1");
  const auto html = call("GET", "/v1/passes/ptk_0x14");
  EXPECT_EQ(html.status, 200);
  EXPECT_EQ(html.headers.at("content-type"), "text/html");
  EXPECT_EQ(call("GET", "/v1/passes/ptk_0x14").curl, CURLE_PARTIAL_FILE);
  const auto half = call("GET", "/v1/passes/ptk_0x14");
  EXPECT_EQ(half.curl, CURLE_OK);
  EXPECT_FALSE(json::accept(half.body));
  EXPECT_TRUE(json::accept(call("GET", "/v1/passes/ptk_0x14").body));
}

TEST_F(SandboxCloudTest, TheSamePageForEverAlwaysPromisesOneMore) {
  plan("same-page");
  const json first = json::parse(call("GET", "/v1/passes/ptk_0x14?page=1&per_page=1").body);
  const json ninth = json::parse(call("GET", "/v1/passes/ptk_0x14?page=9&per_page=1").body);
  EXPECT_EQ(first["passes"], ninth["passes"]);
  EXPECT_EQ(ninth["meta"]["total_pages"], 10);
}

TEST_F(SandboxCloudTest, AChangingTotalGrowsWithEveryPage) {
  plan("changing-total");
  EXPECT_EQ(json::parse(call("GET", "/v1/passes/ptk_0x14?page=1").body)["meta"]["total_count"], 3);
  EXPECT_EQ(json::parse(call("GET", "/v1/passes/ptk_0x14?page=1").body)["meta"]["total_count"], 4);
}

TEST_F(SandboxCloudTest, ASlowAnswerDoesNotHoldUpOtherClients) {
  plan("slow=3600000*1@GET");  // held until the server stops
  std::thread slow([this] { call("GET", "/v1/passes/ptk_0x14"); });
  // Waits until the slow request has been counted, then asks for more.
  while (json::parse(ask("GET", url("/_sim/state")).body)["requests"] == 0)
    std::this_thread::yield();
  EXPECT_EQ(call("GET", "/v1/passes/ptk_0x14").status, 200);
  server_.reset();
  slow.join();
}

TEST_F(SandboxCloudTest, AnswersTooManyRequestsWith429UntilTimePasses) {
  CloudOptions options;
  options.requests_per_s = 2;
  run(sample_passes(), std::move(options));
  EXPECT_EQ(call("GET", "/v1/passes/ptk_0x14").status, 200);
  EXPECT_EQ(call("GET", "/v1/passes/ptk_0x14").status, 200);
  const auto limited = call("GET", "/v1/passes/ptk_0x14");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.at("retry-after"), "1");
  clock_.advance(Milliseconds{1000});
  EXPECT_EQ(call("GET", "/v1/passes/ptk_0x14").status, 200);
}

TEST_F(SandboxCloudTest, LogsEveryRequestWithoutCredentialsOrValues) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("passgate-sim-log-" + std::to_string(::getpid()) + ".jsonl");
  auto log = JsonLines::append_to(path);
  ASSERT_TRUE(log);
  run(sample_passes(), {}, std::move(*log));
  patch(R"({"pass":{"redeemed-at":"not-for-the-log"}})");
  server_.reset();
  cloud_.reset();
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  const json line = json::parse(text);
  EXPECT_EQ(line["method"], "PATCH");
  EXPECT_EQ(line["path"], "/v1/passes/ptk_0x14/" + kSerial);
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["fields"], json{"redeemed-at"});
  EXPECT_EQ(text.find(kApiKey), std::string::npos);
  EXPECT_EQ(text.find("not-for-the-log"), std::string::npos);
}

TEST_F(SandboxCloudTest, ATestCanChangeAPassWhileTheCloudRuns) {
  const json change = {{"template", "ptk_0x14"},
                       {"pass", {{"serial", kSerial}, {"status", "Removed"}}}};
  EXPECT_EQ(ask("POST", url("/_sim/passes"), {}, change.dump()).status, 200);
  EXPECT_EQ(json::parse(call("GET", "/v1/passes/ptk_0x14?page=1").body)["passes"][0]["status"],
            "Removed");
}

TEST_F(SandboxCloudTest, TellsInOrderWhatRequestsChangedAndByWhatTheyAreRecognised) {
  patch(R"({"pass":{"redeemed-at":"tap-1"}})");
  patch(R"({"pass":{"redeemed-at":"tap-2","discount":"50%"}})");
  ask("PUT", pass_url(), credentials_, R"({"pass":{"redeemed-at":"tap-2"}})");
  call("DELETE", "/v1/passes/ptk_0x14/" + kSerial);
  const json effects = state()["effects"];
  ASSERT_EQ(effects.size(), 4U);
  EXPECT_EQ(effects[0], (json{{"what", "patch"},
                              {"at", "2026-11-20T10:00:00.000Z"},
                              {"fields", {{"redeemed-at", "tap-1"}}}}));
  EXPECT_EQ(effects[1]["fields"], (json{{"redeemed-at", "tap-2"}}));
  EXPECT_EQ(effects[2]["fields"], (json{{"member.name", nullptr}, {"discount", nullptr}}));
  EXPECT_EQ(effects[3]["what"], "destroy");
}

TEST_F(SandboxCloudTest, AWriteThatChangesNothingIsNoEffect) {
  plan("drop-after*1");
  patch(R"({"pass":{"redeemed-at":"tap-1"}})");
  EXPECT_EQ(patch(R"({"pass":{"redeemed-at":"tap-1"}})").status, 200);
  EXPECT_EQ(state()["patches"], 2);
  EXPECT_EQ(state()["effects"].size(), 1U);
  patch(R"({"pass":{"colour":"red"}})");
  EXPECT_EQ(state()["effects"].size(), 1U);
}

TEST_F(SandboxCloudTest, AnEffectThatComesTwiceIsToldTwice) {
  patch(R"({"pass":{"redeemed-at":"tap-1"}})");
  patch(R"({"pass":{"redeemed-at":""}})");
  patch(R"({"pass":{"redeemed-at":"tap-1"}})");
  EXPECT_EQ(state()["effects"].size(), 3U);
}

TEST_F(SandboxCloudTest, TouchedLeavesOutThePassesThatNobodyWroteTo) {
  call("GET", "/v1/passes/ptk_0x14/fee4a257185906b92a");
  patch(R"({"pass":{"discount":"50%"}})");  // writes, and changes nothing
  const json passes =
      json::parse(ask("GET", url("/_sim/state?touched=1")).body)["templates"]["ptk_0x14"];
  EXPECT_EQ(passes.size(), 1U);
  EXPECT_TRUE(passes.contains(kSerial));
}

TEST_F(SandboxCloudTest, WhatATestChangesIsNoEffectOfARequest) {
  const json change = {{"template", "ptk_0x14"}, {"pass", {{"serial", kSerial}}}};
  ask("POST", url("/_sim/passes"), {}, change.dump());
  call("GET", "/v1/passes/ptk_0x14/" + kSerial);
  EXPECT_TRUE(state()["effects"].empty());
}

/// Answers everything, and documents rate headers.
class TellingApi final : public CloudApi {
 public:
  bool lists(const HttpRequest& /*request*/) const override { return false; }
  ApiAnswer admit(const HttpRequest& request) const override {
    return request.header("refuse") ? ApiAnswer{401, {}, {}, {}} : ApiAnswer{};
  }
  ApiAnswer answer(const HttpRequest& /*request*/, const ListQuirks& /*quirks*/) override {
    return {200, json::object(), {}, {{"X-Total", "7"}}};
  }
  ApiAnswer failing(int status) const override { return {status, json::object(), {}, {}}; }
  bool tells_rate() const override { return true; }
  std::vector<Push> take_pushes() override { return {}; }
};

TEST(SandboxCloudRate, IsToldOnEveryAnswerOfACloudThatDocumentsIt) {
  ManualClock clock;
  const RunningCloud cloud(std::make_unique<PassBook>(), std::make_unique<TellingApi>(), 2, clock);
  const auto rate = [](const Reply& reply) {
    return reply.headers.at("x-ratelimit-limit") + " " + reply.headers.at("x-ratelimit-remaining") +
           " " + reply.headers.at("x-ratelimit-reset");
  };
  const auto first = cloud.call("GET", "/");
  EXPECT_EQ(rate(first), "2 1 1795168801");  // 2026-11-20T10:00:01Z
  EXPECT_EQ(first.headers.at("x-total"), "7");
  EXPECT_EQ(rate(cloud.call("GET", "/", {"Refuse: yes"})), "2 0 1795168801");
  const auto limited = cloud.call("GET", "/");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.at("retry-after"), "1");
  EXPECT_EQ(rate(limited), "2 0 1795168801");
  cloud.plan("503*1");
  EXPECT_EQ(rate(cloud.call("GET", "/")), "2 0 1795168801");
  clock.advance(Milliseconds{5000});
  EXPECT_EQ(rate(cloud.call("GET", "/")), "2 1 1795168806");
}

TEST(SandboxCloudRate, IsNotToldWhereThereIsNoLimit) {
  ManualClock clock;
  const RunningCloud cloud(std::make_unique<PassBook>(), std::make_unique<TellingApi>(), 0, clock);
  EXPECT_FALSE(cloud.call("GET", "/").headers.contains("x-ratelimit-limit"));
}

TEST_F(SandboxCloudTest, PassNinjaDoesNotTellItsRate) {
  CloudOptions options;
  options.requests_per_s = 2;
  run(sample_passes(), std::move(options));
  EXPECT_FALSE(call("GET", "/v1/passes/ptk_0x14").headers.contains("x-ratelimit-limit"));
}

TEST(FaultPlan, RefusesWhatItDoesNotUnderstand) {
  for (const auto* spec :
       {"404", "slow", "html=3", "429=x", "explode", "503*", "503@", "status=503", "503,,429"}) {
    EXPECT_FALSE(FaultPlan::parse(spec)) << spec;
  }
  EXPECT_TRUE(FaultPlan::parse(""));
}

TEST(PassBook, RefusesAFileWithFieldsItsTemplateDoesNotHave) {
  json passes = sample_passes();
  passes["templates"][0]["passes"][0]["fields"]["colour"] = "red";
  EXPECT_FALSE(PassBook::read(passes));
  passes = sample_passes();
  passes["templates"].push_back(passes["templates"][0]);
  EXPECT_FALSE(PassBook::read(passes));
  EXPECT_FALSE(PassBook::read(json::array()));
}

}  // namespace
}  // namespace passgate::sim::test
