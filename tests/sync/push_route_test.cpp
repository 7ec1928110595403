// SPDX-License-Identifier: Apache-2.0
#include "sync/service/push_route.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <nlohmann/json.hpp>

#include "sync/service/http_face.h"
#include "tests/sim/http_client.h"
#include "tests/sync/push_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

json event(std::string_view id = "evt_1") {
  return {{"specversion", "1.0"},
          {"id", id},
          {"source", "https://api.passninja.com/accounts/aid_0xa01"},
          {"type", "pn.pass.updated"},
          {"time", "2026-11-20T09:59:43.511Z"},
          {"data", {{"pass_template", "ptk_0x14"}, {"pass_id", "p-1"}, {"metadata", nullptr}}}};
}

struct PushRouteTest : ::testing::Test {
  TempDir dir;
  ManualClock clock;
  SteadyWall times{clock};
  std::optional<Outbox> outbox;
  std::optional<PushRoute> route;
  int rung = 0;
  const Destination main{JobKind::push, "main"};

  void SetUp() override { open(); }
  void open() {
    route.reset();
    outbox.reset();
    auto opened = Outbox::open(dir.path() / "outbox.db");
    ASSERT_TRUE(opened);
    outbox.emplace(std::move(*opened));
    PushRoute::Readers readers;
    readers["main"] = push_reader(push_config("passninja"), {"wbk_1"});
    readers["mute"] = nullptr;
    route.emplace(std::move(readers), PushRoute::Deps{*outbox, clock, times, [this] { ++rung; }});
  }
  HttpReply ask(std::string method, std::vector<std::string> path, std::string body = "",
                std::string token = "wbk_1") {
    return route->answer({.method = std::move(method),
                          .path = std::move(path),
                          .query = {},
                          .headers = {{"authorization", "Bearer " + token}},
                          .body = std::move(body)});
  }
  HttpReply post(const json& body, std::string token = "wbk_1") {
    return ask("POST", {"webhooks", "main"}, body.dump(), std::move(token));
  }
  std::size_t stored() { return outbox->backlog(main).value().open; }
};

std::string header(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST_F(PushRouteTest, LaysAPushInTheOutboxBeforeItSaysYes) {
  EXPECT_EQ(post(event()).status, 200);
  EXPECT_EQ(rung, 1);
  const auto job = outbox->next_due(main, times.at(clock.monotonic()));
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->event_id, "evt_1");
  const auto push = push_from((*job)->body);
  ASSERT_TRUE(push);
  EXPECT_EQ(push->pass.id, "p-1");
  EXPECT_EQ(push->pass_template, "ptk_0x14");
  EXPECT_TRUE(push->may_be_echo);
  const auto listed = outbox->list({.kind = JobKind::push});
  ASSERT_TRUE(listed && listed->size() == 1);
  EXPECT_EQ(listed->front().pass_key, "p-1");
  EXPECT_EQ(listed->front().created, clock.now());
}

TEST_F(PushRouteTest, TakesARepeatedEventOnceEvenAcrossARestart) {
  EXPECT_EQ(post(event()).status, 200);
  EXPECT_EQ(post(event()).status, 200);
  EXPECT_EQ(route->counts("main"), (PushCounts{.accepted = 1, .duplicate = 1}));
  open();
  EXPECT_EQ(post(event()).status, 200);
  EXPECT_EQ(post(event("evt_2")).status, 200);
  EXPECT_EQ(route->counts("main"), (PushCounts{.accepted = 1, .duplicate = 1}));
  EXPECT_EQ(stored(), 2U);
  EXPECT_EQ(rung, 2);
}

TEST_F(PushRouteTest, RefusesForgedOldAndStrangePushesAndStoresNothing) {
  auto old = event();
  old["time"] = "2026-11-01T00:00:00Z";
  EXPECT_EQ(post(event(), "wbk_2").status, 401);
  EXPECT_EQ(route->counts("main")->last_refusal, Errc::auth_failed);
  EXPECT_EQ(post(old).status, 400);
  EXPECT_EQ(route->counts("main")->last_refusal, Errc::too_old);
  EXPECT_EQ(post({{"secret", "of the pass"}}).status, 400);
  EXPECT_EQ(route->counts("main")->refused, 3U);
  EXPECT_EQ(stored(), 0U);
  EXPECT_EQ(rung, 0);
}

TEST_F(PushRouteTest, ExplainsARefusalWithoutRepeatingWhatCame) {
  const auto reply = post({{"holder", "Jane Roe"}});
  EXPECT_EQ(reply.content_type, "application/problem+json");
  const auto problem = json::parse(reply.body);
  EXPECT_EQ(problem.at("status"), 400);
  EXPECT_EQ(problem.at("title"), "Bad Request");
  EXPECT_FALSE(problem.at("detail").get<std::string>().empty());
  EXPECT_EQ(reply.body.find("Jane"), std::string::npos);
}

TEST_F(PushRouteTest, AcknowledgesAndForgetsWhatConcernsNoPass) {
  auto about_template = event();
  about_template["type"] = "pn.template.published";
  EXPECT_EQ(post(about_template).status, 200);
  EXPECT_EQ(route->counts("main"), (PushCounts{.ignored = 1}));
  EXPECT_EQ(stored(), 0U);
}

TEST_F(PushRouteTest, KnowsNobodyButProvidersWithAWebhook) {
  for (const auto& path : std::vector<std::vector<std::string>>{{"webhooks", "other"},
                                                                {"webhooks", "mute"},
                                                                {"webhooks"},
                                                                {"webhooks", "main", "x"},
                                                                {"webhooks", "main", ""},
                                                                {"hooks", "main"},
                                                                {}}) {
    for (const auto* method : {"POST", "GET", "OPTIONS"}) {
      EXPECT_EQ(ask(method, path, event().dump()).status, 404);
    }
  }
  EXPECT_EQ(route->counts("mute"), std::nullopt);
  EXPECT_EQ(stored(), 0U);
}

TEST_F(PushRouteTest, AllowsPostAndGivesNoLeaveToWhoeverAsksForIt) {
  const auto asked = ask("OPTIONS", {"webhooks", "main"});
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(asked.headers, (Headers{{"Allow", "POST"}}));
  for (const auto* method : {"GET", "PUT", "DELETE", "HEAD", "PATCH"}) {
    const auto refused = ask(method, {"webhooks", "main"}, event().dump());
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_EQ(header(refused, "Allow"), "POST");
  }
  EXPECT_EQ(stored(), 0U);
}

TEST_F(PushRouteTest, SendsAProviderAwayWhileTheOutboxIsFull) {
  std::vector<NewJob> fill;
  for (int i = 0; i < 10'000; ++i) fill.push_back({main, "p", std::to_string(i), "{}", 1});
  ASSERT_TRUE(outbox->store(fill, 1, clock.now(), clock.now()));
  const auto reply = post(event());
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(header(reply, "Retry-After"), "30");
  EXPECT_EQ(route->counts("main"), (PushCounts{.unstored = 1}));
  EXPECT_EQ(rung, 0);
}

TEST_F(PushRouteTest, DoesNotSayYesToWhatTheDiskDidNotTake) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((dir.path() / "outbox.db").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "DROP TABLE jobs", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  const auto reply = post(event());
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(header(reply, "Retry-After"), "30");
  EXPECT_EQ(route->counts("main"), (PushCounts{.unstored = 1}));
}

TEST_F(PushRouteTest, TakesASignedPushOverARealConnectionByteForByte) {
  PushRoute::Readers readers;
  readers["mint/1"] = push_reader(push_config("passmint"), {"whsec_test"});
  route.emplace(std::move(readers), PushRoute::Deps{*outbox, clock, times, {}});
  const auto face = HttpFace::start({{"127.0.0.1:0"}, std::nullopt, {}},
                                    [this](const HttpAsk& ask) { return route->answer(ask); });
  ASSERT_TRUE(face) << face.error();
  const auto url = fmt::format("http://127.0.0.1:{}/webhooks/mint%2F1", face->ports()[0]);
  // Spaces, escapes and their order are part of what is signed.
  const std::string body =
      "{ \"type\":\"pass.voided\",\n\"id\":\"evt_\\u0031\", \"data\":{\"pass\":{\"id\":\"p\"}}}\n";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.now());
  const auto time = std::to_string(seconds.time_since_epoch().count());
  const auto signature =
      "Passmint-Signature: t=" + time + ",v1=" + hmac_hex("whsec_test", time + "." + body);
  const auto forged = "Passmint-Signature: t=" + time + ",v1=" + std::string(64, '0');
  using sim::test::ask;
  EXPECT_EQ(ask("POST", url, {forged, "Content-Type: application/json"}, body).status, 401);
  EXPECT_EQ(ask("POST", url, {signature, "Content-Type: application/json"}, body).status, 200);
  EXPECT_EQ(ask("OPTIONS", url).headers.at("allow"), "POST");
  const auto job = outbox->next_due({JobKind::push, "mint/1"}, times.at(clock.monotonic()));
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->event_id, "evt_1");
  EXPECT_EQ(push_from((*job)->body)->told, gate::PassState::voided);
}

}  // namespace
}  // namespace passgate::sync::test
