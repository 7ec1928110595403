// SPDX-License-Identifier: Apache-2.0
// Keys that lie elsewhere: passgate-syncd itself between a made-up passgated and
// a real HTTP server.
#include <fmt/format.h>
#include <signal.h>
#include <sysexits.h>

#include <nlohmann/json.hpp>

#include "runtime/socket_client.h"
#include "runtime/unix_socket.h"
#include "sim/http/server.h"
#include "sync/remote_answer.h"
#include "tests/sync/kit.h"
#include "tests/sync/syncd.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using runtime::SocketClient;

constexpr Milliseconds kPlenty{30'000};  // Only a failing test ever waits so long.
constexpr Milliseconds kForEver{600'000};

struct RemoteKeysTest : ::testing::Test {
  TempDir folder;
  std::mutex mutex;
  sim::HttpResponse says;  ///< What the service answers.
  std::vector<sim::HttpRequest> asked;
  std::optional<sim::HttpServer> service = std::move(
      *sim::HttpServer::start({}, {.max_delay = kForEver}, [this](const sim::HttpRequest& request) {
        const std::lock_guard lock(mutex);
        asked.push_back(request);
        return says;
      }));
  std::unique_ptr<Syncd> daemon;

  void start(unsigned timeout_ms = 10'000) {
    folder.write("key", "their-key\n");
    const auto file = folder.write("passgate.toml", fmt::format(R"(
[terminal]
id = "gate-a1"
state_dir = "state"
runtime_dir = "run"
[[reader]]
mode = "wedge"
[[pass]]
name = "far"
template = "coupons/7"
apple = {{ pass_type_id = "pass.com.example.far", keys = ["remote:cloud"] }}
[[decrypt_service]]
name = "cloud"
url = "{}/v1/"
account_id = "aid_0xa01"
api_key = "file:key"
timeout_ms = {}
)",
                                                                service->url(), timeout_ms));
    daemon = std::make_unique<Syncd>(std::vector<std::string>{"--config", file.string()},
                                     folder / "errors");
  }
  void say(int status, const std::string& body, Milliseconds delay = {}) {
    const std::lock_guard lock(mutex);
    says = {.status = status, .body = body, .headers = {}, .delay = delay};
  }
  /// Waits until the daemon serves.
  SocketClient connect() const {
    const auto deadline = std::chrono::steady_clock::now() + kPlenty;
    for (;;) {
      auto client = SocketClient::connect(folder / "run/sync/sync.sock");
      if (client) return std::move(*client);
      if (std::chrono::steady_clock::now() > deadline) break;
      std::this_thread::yield();
    }
    ADD_FAILURE() << "it never serves: " << errors();
    std::abort();
  }
  json ask(json more = {}) const {
    json question{{"type", "open_remote"},
                  {"service", "cloud"},
                  {"template", "coupons/7"},
                  {"payload", "00aaff"}};
    if (more.is_object()) question.update(more);
    auto answer = connect().ask(question, kPlenty);
    EXPECT_TRUE(answer) << errors();
    return answer.value_or(json{});
  }
  std::string error_of(const json& answer) const {
    return answer.value("type", "") == "error" ? answer.value("error", "") : answer.dump();
  }
  std::string errors() const { return folder.read("errors"); }
};

TEST_F(RemoteKeysTest, AsksAsPassNinjasClientsDoAndTakesItsText) {
  say(200, R"({"encrypted":"00aaff","decrypted":"838b8é","timeOfScan":"whenever"})");
  start();
  EXPECT_EQ(ask(), json({{"type", "opened"}, {"payload", to_hex(bytes_of("838b8é"))}}));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].method, "POST");
  EXPECT_EQ(asked[0].target.segments,
            (std::vector<std::string>{"v1", "passes", "coupons/7", "decrypt"}));
  EXPECT_EQ(asked[0].header("x-api-key"), "their-key");
  EXPECT_EQ(asked[0].header("x-account-id"), "aid_0xa01");
  EXPECT_EQ(json::parse(asked[0].body), json({{"payload", "00aaff"}}));
}

TEST_F(RemoteKeysTest, TakesTheExactBytesAndTheTimeOfAnotherPassgate) {
  say(200, R"({"encrypted":"00aaff","decrypted":"A\ufffd","timeOfScan":"2026-11-20T19:04:09Z",
               "passgate":{"payload_hex":"41ff","stamped_at":"2026-11-20T19:04:09Z"}})");
  start();
  EXPECT_EQ(
      ask(),
      json({{"type", "opened"}, {"payload", "41ff"}, {"stamped_at", "2026-11-20T19:04:09Z"}}));
}

TEST_F(RemoteKeysTest, SaysWhyNothingWasOpened) {
  start();
  const std::vector<std::pair<std::string, std::pair<int, std::string>>> told = {
      {"auth_failed", {400, R"({"error":"no","code":"IP1"})"}},
      {"auth_failed", {400, R"({"error":{"message":"no","status_code":400,"code":"IP1"}})"}},
      {"bad_reply", {400, R"({"error":"no","code":"MI1"})"}},
      {"bad_reply", {400, "no"}},
      {"rejected", {401, R"({"msg":"no"})"}},
      {"rejected", {403, ""}},
      {"not_listed", {404, "{}"}},
      {"rate_limited", {429, "{}"}},
      {"bad_reply", {500, R"({"error":"no","code":"GE77"})"}},
      {"bad_reply", {302, "{}"}},
      {"bad_reply", {200, ""}},
      {"bad_reply", {200, "[1]"}},
      {"bad_reply", {200, R"({"decrypted":7})"}},
      {"bad_reply", {200, R"({"decrypted":""})"}},
      {"bad_reply", {200, R"({"decrypted":"a","passgate":{"payload_hex":"4"}})"}},
      {"bad_reply",
       {200, R"({"decrypted":"a","passgate":{"payload_hex":"41","stamped_at":"noon"}})"}},
      {"bad_reply", {200, R"({"decrypted":")" + std::string(300'000, 'x') + "\"}"}},
  };
  for (const auto& [error, answer] : told) {
    say(answer.first, answer.second);
    EXPECT_EQ(error_of(ask()), error) << answer.first << " " << answer.second.substr(0, 80);
  }
  daemon->send(SIGTERM);
  EXPECT_EQ(daemon->wait(), EX_OK);
  EXPECT_NE(errors().find("are account_id and api_key right"), std::string::npos) << errors();
  EXPECT_EQ(errors().find("their-key"), std::string::npos);
  EXPECT_EQ(errors().find("00aaff"), std::string::npos);
}

TEST_F(RemoteKeysTest, GivesUpInTimeAndStaysAwake) {
  say(200, R"({"decrypted":"late"})", kForEver);
  start(/*timeout_ms=*/50);
  EXPECT_EQ(error_of(ask()), "deadline_exceeded");
  const auto status = connect().ask({{"type", "status"}}, kPlenty);
  ASSERT_TRUE(status);
  EXPECT_EQ((*status)["type"], "status");
}

TEST_F(RemoteKeysTest, SaysThatNobodyIsThere) {
  start();
  service.reset();
  EXPECT_EQ(error_of(ask()), "unreachable");
}

TEST_F(RemoteKeysTest, RefusesWhatCannotBeAsked) {
  start();
  EXPECT_EQ(error_of(ask({{"service", "clod"}})), "bad_value");
  EXPECT_EQ(error_of(ask({{"service", 7}})), "bad_value");
  EXPECT_EQ(error_of(ask({{"template", ""}})), "bad_value");
  EXPECT_EQ(error_of(ask({{"payload", nullptr}})), "bad_value");
  EXPECT_EQ(error_of(ask({{"payload", ""}})), "bad_hex");
  EXPECT_EQ(error_of(ask({{"payload", "0"}})), "bad_hex");
  EXPECT_TRUE(asked.empty());
}

TEST_F(RemoteKeysTest, LetsNoMoreWaitThanAPersonWould) {
  say(200, R"({"decrypted":"late"})", kForEver);
  start();
  // Four are asked about, sixteen wait; who comes then is told at once.
  const json question{
      {"type", "open_remote"}, {"service", "cloud"}, {"template", "t"}, {"payload", "00"}};
  const auto deadline = std::chrono::steady_clock::now() + kPlenty;
  auto client = connect();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(client.send(question, deadline));
  const auto first = client.receive(deadline);
  ASSERT_TRUE(first);
  EXPECT_EQ(error_of(*first), "rate_limited");
  // It ends at once, though a service keeps it waiting.
  daemon->send(SIGTERM);
  EXPECT_EQ(daemon->wait(), EX_OK);
}

}  // namespace
}  // namespace passgate::sync::test
