// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_routes.h"

#include <map>
#include <set>
#include <sstream>

#include "tests/sync/site_fixture.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using sim::test::ask;
using sim::test::Reply;

struct HttpRoutesTest : SiteFixture {
  Reply post(const std::string& target, const Headers& headers) const {
    return ask("POST", url(target), headers);
  }
  json get_json(const std::string& target, const std::string& role = "operator") const {
    const auto reply = get(target, as(role));
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body;
    EXPECT_EQ(reply.headers.at("content-type"), "application/json");
    return json::parse(reply.body);
  }
  const Destination backend{JobKind::delivery, "backend"};

  Job owe_a_delivery() {
    const NewJob job{
        .to = backend, .pass_key = "p", .event_id = "e-1", .body = "{}", .position = 1};
    const auto due = times.at(clock.monotonic());
    EXPECT_TRUE(outbox->store({&job, 1}, 1, clock.now(), due));
    return outbox->next_due(backend, due).value().value();
  }
};

TEST_F(HttpRoutesTest, LetsEachRoleInWhereItBelongsAndNowhereElse) {
  const std::vector<std::string> roles = {"", "decrypt", "display", "operator", "metrics"};
  const struct {
    const char* target;
    std::vector<long> statuses;
  } rows[] = {
      {"/healthz", {200, 200, 200, 200, 200}},
      {"/readyz", {200, 200, 200, 200, 200}},
      {"/gate", {200, 403, 200, 200, 403}},
      {"/assets/gate.js", {200, 403, 200, 200, 403}},
      {"/v1/taps/stream?reader=nobody", {404, 403, 404, 404, 403}},
      {"/metrics", {401, 403, 403, 200, 200}},
      {"/", {401, 403, 403, 200, 403}},
      {"/v1/status", {401, 403, 403, 200, 403}},
      {"/v1/taps", {401, 403, 403, 200, 403}},
      {"/v1/passes/t/p", {401, 403, 403, 200, 403}},
      {"/v1/deliveries", {401, 403, 403, 200, 403}},
      {"/v1/deliveries/1", {401, 403, 403, 404, 403}},
      {"/nothing", {404, 404, 404, 404, 404}},
  };
  core->answer_with("pass", {{"type", "pass"}});
  for (const auto& [target, statuses] : rows) {
    for (std::size_t i = 0; i < roles.size(); ++i) {
      const auto reply = get(target, as(roles[i]));
      EXPECT_EQ(reply.status, statuses[i]) << target << " as \"" << roles[i] << "\"";
      EXPECT_EQ(reply.headers.contains("www-authenticate"), reply.status == 401) << target;
    }
  }
  EXPECT_EQ(post("/v1/deliveries/1/redeliver", as("display")).status, 403);
  EXPECT_EQ(post("/v1/deliveries/1/redeliver", {}).status, 401);
}

constexpr const char* kTapId = "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";

TEST_F(HttpRoutesTest, HaveAnOperatorsActDoneInTheNameOfTheClient) {
  const auto target = std::string("/v1/taps/") + kTapId;
  for (const std::string type : {"override", "undo"}) {
    core->answer_with(type, {{"type", "act"}, {"tap", {{"kind", type}}}, {"new", true}});
    const auto reply = ask("POST", url(target + "/" + type), as("operator"),
                           R"({"why":"knows her","operator":"somebody else"})");
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(json::parse(reply.body), (json{{"tap", {{"kind", type}}}, {"new", true}}));
    EXPECT_EQ(
        core->last_question(type),
        (json{{"type", type}, {"tap_id", kTapId}, {"operator", "operator"}, {"why", "knows her"}}));
    for (const auto& [role, status] :
         {std::pair{"", 401L}, {"display", 403L}, {"decrypt", 403L}, {"metrics", 403L}}) {
      EXPECT_EQ(ask("POST", url(target + "/" + type), as(role), R"({"why":"w"})").status, status);
    }
    EXPECT_EQ(get(target + "/" + type, as("operator")).status, 405);
  }
}

TEST_F(HttpRoutesTest, SayWhyAnOperatorsActCannotBeDone) {
  const auto act = [&](const std::string& body, const std::string& tap = kTapId) {
    return ask("POST", url("/v1/taps/" + tap + "/override"), as("operator"), body);
  };
  for (const char* body : {"", "[]", "{}", R"({"why":7})", "{", R"({"why":null})"}) {
    EXPECT_EQ(act(body).status, 400) << body;
  }
  EXPECT_EQ(act(R"({"why":"w"})", "nobody").status, 404);
  EXPECT_EQ(act(std::string(9000, ' ') + R"({"why":"w"})").status, 413);
  for (const auto& [error, status] : {std::pair{"no_such_tap", 404L},
                                      {"not_refused", 409L},
                                      {"not_overridable", 409L},
                                      {"not_admitted", 409L},
                                      {"bad_value", 400L},
                                      {"storage_full", 503L},
                                      {"use_taken", 503L}}) {
    core->answer_with("override", {{"type", "error"}, {"error", error}});
    const auto reply = act(R"({"why":"w"})");
    EXPECT_EQ(reply.status, status) << error;
    EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
  }
}

TEST_F(HttpRoutesTest, AsksABrowsersUserForAKeyAndTakesItAsBasicCredentials) {
  const auto refused = get("/v1/taps", {});
  EXPECT_EQ(refused.headers.at("www-authenticate"), R"(Basic realm="passgate", charset="UTF-8")");
  EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json");
  // operator:operator-key
  EXPECT_EQ(get("/v1/taps", {"Authorization: Basic b3BlcmF0b3I6b3BlcmF0b3Ita2V5"}).status, 200);
  EXPECT_EQ(get("/v1/taps", {"Authorization: Basic b3BlcmF0b3I6d3Jvbmc="}).status, 401);
  // A wrong key is no way to be somebody without one.
  EXPECT_EQ(get("/gate", {"X-ACCOUNT-ID: operator", "X-API-KEY: wrong"}).status, 401);
}

TEST_F(HttpRoutesTest, DoesNotHearWhatAnotherSiteOrAnotherNameAsks) {
  EXPECT_EQ(get("/gate", {"Host: gate.attacker.example"}).status, 421);
  EXPECT_EQ(get("/healthz", {"Host: gate.attacker.example"}).status, 421);
  EXPECT_EQ(get("/gate", {"Host: LOCALHOST:8470"}).status, 200);
  const auto with = [](Headers headers, std::string more) {
    headers.push_back(std::move(more));
    return headers;
  };
  EXPECT_EQ(get("/v1/taps", with(as("operator"), "Host: api.example")).status, 421);
  EXPECT_EQ(get("/v1/taps", with(as("operator"), "Sec-Fetch-Site: cross-site")).status, 403);
  EXPECT_EQ(get("/v1/taps", with(as("operator"), "Origin: https://attacker.example")).status, 403);
  EXPECT_EQ(post(fmt::format("/v1/deliveries/{}/redeliver", owe_a_delivery().id),
                 with(as("operator"), "Origin: https://attacker.example"))
                .status,
            403);
  const auto fine = get("/gate", {});
  EXPECT_FALSE(fine.headers.contains("access-control-allow-origin"));
}

TEST_F(HttpRoutesTest, TakesWhatAProxyPassesOnForSomebodyElsewhere) {
  for (const auto* header :
       {"Forwarded: for=10.0.0.1", "X-Forwarded-For: 10.0.0.1", "Via: 1.1 x"}) {
    for (const auto* target : {"/gate", "/healthz", "/readyz", "/v1/taps/stream"}) {
      EXPECT_EQ(get(target, {header}).status, 401) << target << ", " << header;
    }
    auto headers = as("metrics");
    headers.emplace_back(header);
    EXPECT_EQ(get("/healthz", headers).status, 200) << header;
  }
}

TEST_F(HttpRoutesTest, KnowsItsPathsToTheLetter) {
  for (const auto* target : {"/v1/taps/",
                             "//v1/taps",
                             "/v1//taps",
                             "/V1/taps",
                             "/GATE",
                             "/gate/",
                             "/v1",
                             "/v1/",
                             "/v1/taps/../status",
                             "/v1/%2e%2e/metrics",
                             "/%2e%2e/%2e%2e/etc/passwd",
                             "/v1%2Ftaps",
                             "/assets",
                             "/assets/",
                             "/assets/..%2f..%2fetc%2fpasswd",
                             "/v1/passes/t/",
                             "/v1/passes//p",
                             "/v1/deliveries/",
                             "/v1/deliveries/1/redeliver/",
                             "/metrics/x"}) {
    RawPeer peer(face->ports().at(0));
    peer.say(
        fmt::format("GET {} HTTP/1.0\r\nHost: localhost\r\nX-ACCOUNT-ID: operator\r\n"
                    "X-API-KEY: operator-key\r\n\r\n",
                    target));
    EXPECT_TRUE(peer.hear_to_the_end().starts_with("HTTP/1.1 404 ")) << target;
  }
}

TEST_F(HttpRoutesTest, SaysWhichMethodsThereAre) {
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const auto refused = ask(method, url("/v1/status"), as("operator"));
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_EQ(refused.headers.at("allow"), "GET, HEAD");
  }
  EXPECT_EQ(ask("PUT", url("/v1/taps"), as("operator")).headers.at("allow"), "GET, HEAD, POST");
  const auto refused = get("/v1/deliveries/1/redeliver", as("operator"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at("allow"), "POST");
  RawPeer peer(face->ports().at(0));
  peer.say("HEAD /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n");
  const auto head = peer.hear_to_the_end();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK")) << head;
  EXPECT_TRUE(head.contains("Content-Length: 15\r\n") && head.ends_with("\r\n\r\n")) << head;
}

TEST_F(HttpRoutesTest, TakesAnotherTerminalsRecordsInForAnOperator) {
  const std::string body = R"({"taps":[{"tap_id":"x"}]})";
  const auto put_in = [&](const Headers& headers, const std::string& text) {
    return ask("POST", url("/v1/taps"), headers, text);
  };
  core->answer_with("merge", {{"type", "merged"}, {"new", 1}, {"conflicts", 1}});
  const auto taken = put_in(as("operator"), body);
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(json::parse(taken.body), (json{{"new", 1}, {"conflicts", 1}}));
  EXPECT_EQ(core->last_question("merge").at("taps"), (json{{{"tap_id", "x"}}}));
  EXPECT_EQ(put_in(as("display"), body).status, 403);
  EXPECT_EQ(put_in({}, body).status, 401);
  for (const auto* wrong : {"", "[]", "{}", R"({"taps":1})", "{"}) {
    EXPECT_EQ(put_in(as("operator"), wrong).status, 400) << wrong;
  }
  EXPECT_EQ(put_in(as("operator"), json{{"taps", json::array_t(257)}}.dump()).status, 413);
  core->answer_with("merge", {{"type", "error"}, {"error", "storage_full"}});
  EXPECT_EQ(put_in(as("operator"), body).status, 503);
  core->answer_with("merge", {{"type", "error"}, {"error", "bad_value"}});
  EXPECT_EQ(put_in(as("operator"), body).status, 400) << "passgated did answer";
  core->answer_with("merge", {{"type", "error"}, {"error", "too_large"}});
  EXPECT_EQ(put_in(as("operator"), body).status, 413);
}

TEST_F(HttpRoutesTest, ServesOnWhateverABodyNests) {
  core->answer_with("merge", {{"type", "merged"}, {"new", 0}});
  for (const std::size_t depth : {31UL, 5'000UL, 30'000UL, 120'000UL}) {
    const std::string deep = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(ask("POST", url("/v1/taps"), as("operator"), R"({"taps":[)" + deep + "]}").status,
              400)
        << depth;
  }
  EXPECT_EQ(ask("POST", url("/v1/taps"), as("operator"), R"({"taps":[]})").status, 200);
}

TEST_F(HttpRoutesTest, SaysOfEveryAnswerHowItMayBeUsed) {
  for (const auto* target : {"/healthz", "/nothing", "/v1/taps", "/gate", "/a%zz"}) {
    const auto reply = get(target, {});
    EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff") << target;
    EXPECT_EQ(reply.headers.at("referrer-policy"), "no-referrer") << target;
    EXPECT_EQ(reply.headers.at("cross-origin-resource-policy"), "same-origin") << target;
    EXPECT_EQ(reply.headers.at("cache-control"),
              std::string_view(target) == "/gate" ? "no-cache" : "no-store");
  }
}

TEST_F(HttpRoutesTest, GivesTheTapsOfTheJournalPageByPage) {
  std::vector<gate::TapRecord> taps;
  for (std::uint64_t position = 1; position <= 60; ++position)
    taps.push_back(tap_at(position, "p"));
  core->record(taps);
  const auto newest = get_json("/v1/taps");
  EXPECT_EQ(newest["taps"].size(), 50U);
  EXPECT_EQ(newest["taps"][0]["position"], 11);
  EXPECT_EQ(newest["next"], 60);
  const auto page = get_json("/v1/taps?after=10&limit=3");
  EXPECT_EQ(page["taps"].size(), 3U);
  EXPECT_EQ(page["taps"][0]["position"], 11);
  EXPECT_EQ(page["next"], 13);
  const auto end = get_json("/v1/taps?after=60");
  EXPECT_EQ(end, json({{"taps", json::array()}, {"next", 60}}));
  for (const auto* query : {"limit=0", "limit=257", "limit=x", "limit=", "after=-1", "after=1e3",
                            "after=99999999999999999999"}) {
    EXPECT_EQ(get(fmt::format("/v1/taps?{}", query), as("operator")).status, 400) << query;
  }
}

TEST_F(HttpRoutesTest, AsksPassgatedAboutAPass) {
  core->answer_with("pass", {{"type", "pass"}, {"pass_id", "north/1"}});
  EXPECT_EQ(get_json("/v1/passes/ptk_0x14/north%2F1")["pass_id"], "north/1");
  EXPECT_EQ(core->last_question("pass"),
            json({{"type", "pass"}, {"template", "ptk_0x14"}, {"pass_id", "north/1"}}));
  core->answer_with("pass", {{"type", "error"}, {"error", "not_listed"}});
  EXPECT_EQ(get("/v1/passes/other/p", as("operator")).status, 404);
  core->answer_with("pass", {{"type", "error"}, {"error", "storage_busy"}});
  EXPECT_EQ(get("/v1/passes/other/p", as("operator")).status, 503);
}

TEST_F(HttpRoutesTest, ShowsADeliveryAndSendsItAgain) {
  const auto job = owe_a_delivery();
  const auto all = get_json("/v1/deliveries?limit=1");
  EXPECT_EQ(all["deliveries"].size(), 1U);
  EXPECT_EQ(all["deliveries"][0]["destination"], "backend");
  EXPECT_EQ(get_json("/v1/deliveries?failed=1")["deliveries"].size(), 0U);
  const auto one = get_json(fmt::format("/v1/deliveries/{}", job.id));
  EXPECT_EQ(one["id"], job.id);
  EXPECT_EQ(one["tries"], json::array());
  const auto again = fmt::format("/v1/deliveries/{}/redeliver", job.id);
  EXPECT_EQ(post(again, as("operator")).status, 409);
  ASSERT_TRUE(outbox->finish(job, JobEnd::terminal, clock.now(),
                             {.at = clock.now(), .status = 410, .error = "rejected"}));
  EXPECT_EQ(get_json("/v1/deliveries?failed=1")["deliveries"].size(), 1U);
  const auto queued = post(again, as("operator"));
  EXPECT_EQ(queued.status, 200);
  EXPECT_EQ(json::parse(queued.body), json({{"status", "queued"}}));
  EXPECT_EQ(post(again, as("operator")).status, 409);
  EXPECT_EQ(post("/v1/deliveries/999/redeliver", as("operator")).status, 404);
  EXPECT_EQ(post("/v1/deliveries/x/redeliver", as("operator")).status, 404);
  EXPECT_EQ(get("/v1/deliveries?limit=101", as("operator")).status, 400);
}

TEST_F(HttpRoutesTest, RefusesToTellOfAUseThatWasUndone) {
  const auto job = owe_a_delivery();
  ASSERT_TRUE(outbox->finish(job, JobEnd::terminal, clock.now(),
                             {.at = clock.now(), .status = 404, .error = "rejected"}));
  NewJob undo{.to = backend, .pass_key = "p", .event_id = "e-2", .body = "{}", .position = 2};
  undo.takes_back = job.event_id;
  ASSERT_TRUE(outbox->store({&undo, 1}, 2, clock.now(), clock.now()));
  const auto refused = post(fmt::format("/v1/deliveries/{}/redeliver", job.id), as("operator"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(json::parse(refused.body).at("detail"), "Its use was undone: it is not told any more.");
}

TEST_F(HttpRoutesTest, SaysThatPassgatedIsAbsent) {
  auto screen = watch();
  screen.state("connected");
  core.reset();
  screen.state("absent");
  const auto readiness = get("/readyz", {});
  EXPECT_EQ(readiness.status, 503);
  EXPECT_EQ(json::parse(readiness.body), json({{"ready", false}, {"reasons", {"core_absent"}}}));
  EXPECT_EQ(get("/healthz", {}).status, 200);
  EXPECT_EQ(get_json("/v1/status")["passgated"], nullptr);
  for (const auto* target : {"/v1/taps", "/v1/passes/t/p"}) {
    EXPECT_EQ(get(target, as("operator")).status, 503) << target;
  }
}

TEST_F(HttpRoutesTest, AnswersAsTheDecryptionServiceWhereThatIsAsked) {
  const Headers client = as("decrypt");
  const auto refused = ask("POST", url("/v1/passes/ptk_0x14/decrypt"), {}, "{}");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(json::parse(refused.body)["code"], "UA1");
  EXPECT_FALSE(refused.headers.contains("www-authenticate"));
  auto headers = client;
  headers.emplace_back("Expect:");
  const auto large =
      ask("POST", url("/v1/passes/ptk_0x14/decrypt"), headers, std::string(300'000, 'x'));
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(json::parse(large.body)["code"], "MI1");
}

/// Each line's name with labels, and its value.
std::map<std::string, double> samples(const std::string& text) {
  std::map<std::string, double> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const auto space = line.rfind(' ');
    EXPECT_NE(space, std::string::npos) << line;
    std::size_t used = 0;
    const auto value = line.substr(space + 1);
    const auto number = value == "+Inf" ? 0.0 : std::stod(value, &used);
    EXPECT_EQ(used, value.size()) << line;
    EXPECT_TRUE(found.emplace(line.substr(0, space), number).second) << "twice: " << line;
  }
  return found;
}

TEST_F(HttpRoutesTest, ShowsBothDaemonsFiguresAndItsOwnAsMetrics) {
  core->answer_with("status", json::parse(R"({"type":"status","version":"1.2",
    "clock":"synchronised","journal":{"healthy":true,"last_position":4711},
    "readers":[{"name":"a","state":"idle"},{"name":"b","state":"idle"},{"name":"c","state":"stuck"}],
    "taps":{"outcomes":{"admit/ok":5,"deny/voided":2},
            "stages":{"own":{"count":3,"sum_us":2500,"buckets":[[512,1],[1024,3]]}}}})"));
  EXPECT_EQ(get("/healthz", {}).status, 200);
  EXPECT_EQ(get("/no/such/838b8cf60dac2bfad9", {}).status, 404);
  EXPECT_EQ(get("/v1/passes/t/838b8cf60dac2bfad9", as("operator")).status, 503);
  auto screen = watch();
  screen.state("connected");
  const auto reply = get("/metrics", as("metrics"));
  EXPECT_TRUE(reply.headers.at("content-type").starts_with("text/plain; version=0.0.4"));
  EXPECT_EQ(reply.body.find("838b8cf60dac2bfad9"), std::string::npos);
  auto found = samples(reply.body);
  EXPECT_EQ(found.at(R"(passgate_taps_total{decision="admit",reason="ok"})"), 5);
  EXPECT_EQ(found.at(R"(passgate_taps_total{decision="deny",reason="voided"})"), 2);
  EXPECT_EQ(found.at(R"(passgate_tap_stage_seconds_count{stage="own"})"), 3);
  EXPECT_DOUBLE_EQ(found.at(R"(passgate_tap_stage_seconds_sum{stage="own"})"), 0.0025);
  EXPECT_EQ(found.at(R"(passgate_tap_stage_seconds_bucket{stage="own",le="0.000512"})"), 1);
  EXPECT_EQ(found.at(R"(passgate_tap_stage_seconds_bucket{stage="own",le="+Inf"})"), 3);
  EXPECT_EQ(found.at(R"(passgate_readers{state="idle"})"), 2);
  EXPECT_EQ(found.at(R"(passgate_readers{state="in_tap"})"), 0);
  EXPECT_EQ(found.at("passgate_journal_healthy"), 1);
  EXPECT_EQ(found.at("passgate_journal_last_position"), 4711);
  EXPECT_EQ(found.at("passgate_clock_synchronised"), 1);
  EXPECT_EQ(found.at(R"(passgate_build_info{daemon="passgated",version="1.2"})"), 1);
  EXPECT_EQ(found.at(R"(passgate_http_requests_total{route="/healthz",code="2xx"})"), 1);
  EXPECT_EQ(found.at(R"(passgate_http_requests_total{route="none",code="4xx"})"), 1);
  EXPECT_EQ(
      found.at(R"(passgate_http_requests_total{route="/v1/passes/{template}/{id}",code="5xx"})"),
      1);
  EXPECT_EQ(found.at("passgate_http_streams"), 1);
}

}  // namespace
}  // namespace passgate::sync::test
