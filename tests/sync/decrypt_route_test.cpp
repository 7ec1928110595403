// SPDX-License-Identifier: Apache-2.0
// The decryption service as its clients meet it: over a real HTTP face, with
// passgated's answers on a real core.sock.
#include "sync/service/decrypt_route.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/system_clock.h"
#include "sync/core_link.h"
#include "sync/service/http_face.h"
#include "tests/rig/answering_socket.h"
#include "tests/sim/http_client.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using sim::test::ask;
using sim::test::Reply;

constexpr Milliseconds kPlenty{20'000};
constexpr std::string_view kStamp = "2026-11-20T09:59:58Z";

std::vector<ClientTerms> clients() {
  std::vector<ClientTerms> all;
  all.push_back({.account_id = "pos",
                 .api_key = secret("pos-key"),
                 .roles = {Role::decrypt},
                 .templates = {"coupons/7", "ptk_0x14", "season"},
                 .max_rps = 3});
  all.push_back({.account_id = "boss",
                 .api_key = secret("boss-key"),
                 .roles = {Role::operate},
                 .templates = {}});
  return all;
}

struct DecryptRouteTest : ::testing::Test {
  TempDir folder;
  ManualClock clock;
  runtime::Log log{false, runtime::Level::error};
  Access access{clients(), {"localhost"}};
  CoreLink link{folder / "core.sock"};
  json said{{"type", "opened"}, {"payload", "c3a964ff"}, {"stamped_at", kStamp}};
  json last_question;
  std::optional<passgate::test::AnsweringSocket> core;
  bool nested = false;
  std::optional<DecryptRoute> route;
  std::optional<HttpFace> face;

  void SetUp() override {
    core.emplace(folder / "core.sock", [this](const json& question) {
      last_question = question;
      return said;
    });
    serve();
  }
  void serve() {
    face.reset();
    route.emplace(
        access,
        DecryptRoute::Deps{
            .ask_core = [this](const json& question) { return link.ask(question, kPlenty); },
            .templates = {"season", "ptk_0x14", "coupons/7", "ptk_0x15"},
            .clock = clock,
            .log = log,
            .nested = nested});
    auto started =
        HttpFace::start({{"127.0.0.1:0"}, std::nullopt, {}}, [this](const HttpAsk& request) {
          if (!DecryptRoute::serves(request)) return HttpReply{.status = 404};
          return route->answer(request);
        });
    ASSERT_TRUE(started) << started.error();
    face.emplace(std::move(*started));
  }
  std::string url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", face->ports().at(0), path);
  }
  Reply post(std::string_view body, std::string_view path = "/v1/passes/ptk_0x14/decrypt",
             std::vector<std::string> headers = {"X-API-KEY: pos-key", "X-ACCOUNT-ID: pos"}) {
    clock.advance(std::chrono::seconds(1));  // So that the rate is nobody's concern.
    headers.emplace_back("Expect:");
    return ask("POST", url(path), headers, std::string(body));
  }
  /// The status and the code of a refusal: "400 IP1".
  static std::string refusal(const Reply& reply) {
    const auto body = json::parse(reply.body, nullptr, false);
    if (!body.is_object() || body.size() != 2 || !body["error"].is_string()) return reply.body;
    return fmt::format("{} {}", reply.status, body.value("code", "without a code"));
  }
};

TEST_F(DecryptRouteTest, AnswersAsPassNinjaDoesAndSaysWhatIsExact) {
  const auto reply = post(R"({"payload":"00aaBB"})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "application/json");
  EXPECT_EQ(json::parse(reply.body), json::parse(R"({"encrypted":"00aaBB","decrypted":"éd\ufffd",
                            "timeOfScan":"2026-11-20T09:59:58Z",
                            "passgate":{"payload_hex":"c3a964ff",
                                        "stamped_at":"2026-11-20T09:59:58Z"}})"));
  EXPECT_EQ(last_question,
            json({{"type", "open"}, {"template", "ptk_0x14"}, {"payload", "00aaBB"}}));
}

TEST_F(DecryptRouteTest, GivesAGooglePassTheTimeOfTheCall) {
  said = {{"type", "opened"}, {"payload", "41"}};
  const std::string session =
      R"({"terminalNonce":"01","mobileNonce":"02","terminalEphemeralPublicKey":"03",
          "terminalEphemeralPrivateKey":"04","mobileEphemeralPublicKey":"05","signature":"0A",
          "more":{"deeper":[{"signature":7}]}})";
  const auto body = json::parse(post(R"({"payload":"00","session":)" + session + "}").body);
  EXPECT_EQ(body["decrypted"], "A");
  EXPECT_EQ(body["timeOfScan"], to_rfc3339(clock.now()));
  EXPECT_EQ(body["passgate"], json({{"payload_hex", "41"}}));
  EXPECT_EQ(last_question["session"], json({{"terminalNonce", "01"},
                                            {"mobileNonce", "02"},
                                            {"terminalEphemeralPublicKey", "03"},
                                            {"terminalEphemeralPrivateKey", "04"},
                                            {"mobileEphemeralPublicKey", "05"},
                                            {"signature", "0A"}}));
}

TEST_F(DecryptRouteTest, TakesWhatTheVendorsClientsSend) {
  const std::vector<std::string> keys = {"X-API-KEY: pos-key", "X-ACCOUNT-ID: pos"};
  auto typed = keys;
  typed.emplace_back("Content-Type: application/json;charset=UTF-8");
  auto shouted = keys;
  shouted.emplace_back("Content-Type: TEXT/PLAIN");
  EXPECT_EQ(post("{\n  \"payload\" : \"00\"\n}\n", "/v1/passes/ptk_0x14/decrypt", typed).status,
            200);
  EXPECT_EQ(post(R"({"payload":"00"})", "/v1/passes/ptk_0x14/decrypt", shouted).status, 200);
  EXPECT_EQ(post(R"({"payload":"00"})", "/v1/passes/ptk_0x14/decrypt",
                 {"x-api-key: pos-key", "x-account-id: pos"})
                .status,
            200);
  EXPECT_EQ(
      post(R"({"payload":"00","platform":"apple","n":[{"payload":1}],"session":null})").status,
      200);
}

TEST_F(DecryptRouteTest, KnowsATemplateByEveryName) {
  EXPECT_EQ(post(R"({"payload":"00"})", "/v1/passes/season/decrypt").status, 200);
  EXPECT_EQ(last_question["template"], "season");
  EXPECT_EQ(post(R"({"payload":"00"})", "/v1/passes/coupons%2F7/decrypt").status, 200);
  EXPECT_EQ(last_question["template"], "coupons/7");
  EXPECT_EQ(post(R"({"passType":"ptk_0x14","payload":"00"})", "/v1/passes/decrypt").status, 200);
  EXPECT_EQ(last_question["template"], "ptk_0x14");
  EXPECT_EQ(refusal(post(R"({"payload":"00"})", "/v1/passes/decrypt")), "400 MI1");
  EXPECT_EQ(refusal(post(R"({"passType":7,"payload":"00"})", "/v1/passes/decrypt")), "400 MI1");
}

TEST_F(DecryptRouteTest, RefusesWhoMayNot) {
  const std::string body = R"({"payload":"00"})";
  const std::string path = "/v1/passes/ptk_0x14/decrypt";
  EXPECT_EQ(refusal(post(body, path, {})), "401 UA1");
  EXPECT_EQ(refusal(post(body, path, {"X-API-KEY: pos-kez", "X-ACCOUNT-ID: pos"})), "401 UA1");
  EXPECT_EQ(refusal(post(body, path, {"X-API-KEY: pos-key"})), "401 UA1");
  EXPECT_EQ(refusal(post(body, path, {"X-API-KEY: boss-key", "X-ACCOUNT-ID: boss"})), "403 UA2");
  EXPECT_EQ(refusal(post(body, path,
                         {"X-API-KEY: pos-key", "X-ACCOUNT-ID: pos", "Origin: https://evil"})),
            "403 UA2");
  // Before the body is looked at.
  EXPECT_EQ(refusal(post("[", path, {})), "401 UA1");
  EXPECT_EQ(refusal(post(body, "/v1/passes/ptk_0x15/decrypt")), "403 UA2");
  EXPECT_EQ(refusal(post(body, "/v1/passes/ptk_0x16/decrypt")), "404 MR1");
  EXPECT_EQ(refusal(post(R"({"passType":"ptk_0x16","payload":"00"})", "/v1/passes/decrypt")),
            "404 MR1");
  EXPECT_EQ(refusal(post("[", "/v1/passes/ptk_0x15/decrypt")), "400 MI1");
  EXPECT_EQ(core->asked(), 0);
}

TEST_F(DecryptRouteTest, RefusesBodiesThatAreNone) {
  for (const std::string body : {"",
                                 "7",
                                 "null",
                                 "[]",
                                 "\"payload\"",
                                 "{",
                                 "{}",
                                 R"({"payload":""})",
                                 R"({"payload":7})",
                                 R"({"payload":null})",
                                 R"({"payload":["00"]})",
                                 R"({"payload":{"payload":"00"}})",
                                 R"({"payload":"0"})",
                                 R"({"payload":"0g"})",
                                 R"({"payload":"00 00"})",
                                 R"({"payload":"00"} x)",
                                 R"({"payload":"00","x":1e999999999999})",
                                 R"({"payload":"00","session":7})",
                                 R"({"payload":"00","session":[]})",
                                 R"({"payload":"00","session":{}})",
                                 R"({"payload":"00","session":{"terminalNonce":7}})",
                                 R"({"x":{"payload":"00"}})",
                                 "{\"payload\":\"00\",\"x\":\"\xff\"}"}) {
    EXPECT_EQ(refusal(post(body)), "400 MI1") << body;
  }
  EXPECT_EQ(refusal(post(std::string(100'000, '['))), "400 MI1");
  EXPECT_EQ(refusal(post("{\"a\":" + std::string(100'000, '['))), "400 MI1");
  EXPECT_EQ(core->asked(), 0);
}

TEST_F(DecryptRouteTest, LetsWhatItIgnoresNestThirtyTwoDeep) {
  const auto nested_in = [](std::size_t depth) {
    return R"({"payload":"00","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(post(nested_in(31)).status, 200);
  EXPECT_EQ(refusal(post(nested_in(32))), "400 MI1");
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(refusal(post(objects + "1" + std::string(10'000, '}'))), "400 MI1");
}

TEST_F(DecryptRouteTest, RefusesAnIncompleteSession) {
  for (const auto member :
       {"terminalNonce", "mobileNonce", "terminalEphemeralPublicKey", "terminalEphemeralPrivateKey",
        "mobileEphemeralPublicKey", "signature"}) {
    json body = json::parse(
        R"({"payload":"00","session":{"terminalNonce":"01","mobileNonce":"02",
            "terminalEphemeralPublicKey":"03","terminalEphemeralPrivateKey":"04",
            "mobileEphemeralPublicKey":"05","signature":"06"}})");
    EXPECT_EQ(post(body.dump()).status, 200);
    body["session"][member] = "0";
    EXPECT_EQ(refusal(post(body.dump())), "400 MI1") << member;
    body["session"].erase(member);
    EXPECT_EQ(refusal(post(body.dump())), "400 MI1") << member;
  }
}

TEST_F(DecryptRouteTest, TakesSixtyFourKibibytesAndNoMore) {
  const std::string most(std::size_t{2} * 64 * 1024, 'a');
  EXPECT_EQ(post(R"({"payload":")" + most + "\"}").status, 200);
  EXPECT_EQ(refusal(post(R"({"payload":")" + most + "aa\"}")), "413 MI1");
}

TEST_F(DecryptRouteTest, SaysWhyPassgatedOpenedNothing) {
  const std::map<std::string_view, std::string_view> told = {
      {"not_listed", "404 MR1"},      {"bad_hex", "400 MI1"},
      {"bad_value", "400 MI1"},       {"too_large", "413 MI1"},
      {"unknown_key", "400 IP1"},     {"bad_point", "400 IP1"},
      {"auth_failed", "400 IP1"},     {"too_short", "400 IP1"},
      {"short_plaintext", "400 IP1"}, {"unknown_collector", "400 IP1"},
      {"storage_busy", "500 GE77"},   {"", "500 GE77"},
  };
  for (const auto& [error, status] : told) {
    said = {{"type", "error"}, {"error", error}};
    EXPECT_EQ(refusal(post(R"({"payload":"00"})")), status) << error;
  }
}

TEST_F(DecryptRouteTest, DoesNotPassOnWhatPassgatedShouldNotSay) {
  for (const auto& odd :
       {json{{"type", "opened"}}, json{{"type", "opened"}, {"payload", 7}},
        json{{"type", "opened"}, {"payload", "xy"}}, json{{"type", "status"}, {"payload", "00"}},
        json{{"type", "error"}}, json{{"type", "error"}, {"error", 7}}, json{{"type", 7}}}) {
    said = odd;
    EXPECT_EQ(refusal(post(R"({"payload":"00"})")), "500 GE77") << odd;
  }
}

TEST_F(DecryptRouteTest, SaysThatPassgatedDoesNotAnswerAndRecovers) {
  core.reset();
  EXPECT_EQ(refusal(post(R"({"payload":"00"})")), "500 GE77");
  core.emplace(folder / "core.sock", [this](const json&) { return said; });
  EXPECT_EQ(post(R"({"payload":"00"})").status, 200);
}

TEST_F(DecryptRouteTest, HoldsEachClientToItsRate) {
  const auto once = [this] {
    return ask("POST", url("/v1/passes/season/decrypt"),
               {"X-API-KEY: pos-key", "X-ACCOUNT-ID: pos", "Expect:"}, R"({"payload":"00"})");
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(once().status, 200) << i;
  const auto limited = once();
  EXPECT_EQ(refusal(limited), "429 RL1");
  EXPECT_EQ(limited.headers.at("retry-after"), "1");
  EXPECT_EQ(once().status, 429);
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(once().status, 200);
}

TEST_F(DecryptRouteTest, IsAPostCall) {
  const auto reply = ask("GET", url("/v1/passes/season/decrypt"));
  EXPECT_EQ(refusal(reply), "405 MI1");
  EXPECT_EQ(reply.headers.at("allow"), "POST");
}

TEST_F(DecryptRouteTest, NestsItsErrorsWhereThatIsWanted) {
  nested = true;
  serve();
  const auto reply = post("[]");
  EXPECT_EQ(reply.status, 400);
  const auto error = json::parse(reply.body).at("error");
  EXPECT_EQ(error.at("status_code"), 400);
  EXPECT_EQ(error.at("code"), "MI1");
  EXPECT_TRUE(error.at("message").is_string());
  EXPECT_EQ(json::parse(route->refusal(413, "Too large.").body),
            json::parse(R"({"error":{"message":"Too large.","status_code":413,"code":"MI1"}})"));
}

TEST_F(DecryptRouteTest, RefusesForTheFaceInItsOwnShape) {
  const std::map<int, std::string_view> codes = {{400, "MI1"}, {408, "MI1"}, {413, "MI1"},
                                                 {421, "UA1"}, {429, "RL1"}, {503, "GE77"}};
  for (const auto& [status, code] : codes) {
    const auto reply = route->refusal(status, "Words.");
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(json::parse(reply.body), json({{"error", "Words."}, {"code", code}}));
  }
}

TEST_F(DecryptRouteTest, LogsEachCallOnceAndNothingOfWhatWasInIt) {
  const runtime::Log talkative(false, runtime::Level::info);
  DecryptRoute logged(
      access, {.ask_core = [this](const json&) { return said; }, .clock = clock, .log = talkative});
  said["payload"] = to_hex(bytes_of("pass-content"));
  testing::internal::CaptureStderr();
  HttpAsk request{.method = "POST",
                  .path = {"v1", "passes", "season", "decrypt"},
                  .query = {},
                  .headers = {{"x-api-key", "pos-key"}, {"x-account-id", "pos"}},
                  .body = R"({"payload":"decafbad"})"};
  EXPECT_EQ(logged.answer(request).status, 200);
  request.path[2] = "made-up";
  EXPECT_EQ(logged.answer(request).status, 404);
  request.headers[1].second = "made-up";
  EXPECT_EQ(logged.answer(request).status, 401);
  const auto lines = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(lines, '\n'), 3) << lines;
  EXPECT_NE(lines.find("client=pos template=season outcome=ok us="), std::string::npos) << lines;
  EXPECT_NE(lines.find("client=pos template=unknown outcome=MR1"), std::string::npos) << lines;
  EXPECT_NE(lines.find("client=unknown template=unknown outcome=UA1"), std::string::npos) << lines;
  for (const auto* secret : {"decafbad", "pass-content", "made-up", "pos-key", "706173732d"}) {
    EXPECT_EQ(lines.find(secret), std::string::npos) << lines;
  }
}

}  // namespace
}  // namespace passgate::sync::test
