// SPDX-License-Identifier: Apache-2.0
// From a refused guest to the backend that hears who let them in: both daemons,
// a real pcscd, a cloud, a subscriber, HTTP and the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <functional>
#include <thread>

#include "runtime/socket_client.h"
#include "sim/demo/scene.h"
#include "tests/rig/temp_folder.h"
#include "tests/sim/http_client.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

class OverridingTest : public testing::Test {
 protected:
  void SetUp() override {
    const Status started = scene_.start(
        {.programs = PASSGATE_BIN_DIR, .fixtures = PASSGATE_FIXTURES, .folder = folder_ / "s"});
    ASSERT_TRUE(started) << scene_.trouble();
  }
  json ask(const json& question) {
    auto client = runtime::SocketClient::connect(scene_.path("run/core/control.sock"));
    return client ? client->ask(question, 20s).value_or(json()) : json();
  }
  json taps() { return ask({{"type", "taps"}, {"limit", 50}}).at("taps"); }
  /// One tap of the valid pass at the gate; what the journal says of it.
  json tap() {
    const std::size_t before = taps().size();
    auto phone = sim::Process::start(
        {.command = {scene_.program("passgate-sim"), "tap", "--reader", scene_.card_socket(0),
                     "--pass-type-id", sim::kTicketType, "--key", scene_.path("keys/ticket.pem"),
                     "--payload", sim::kValidPass},
         .environment = {},
         .log = folder_ / "phone.log"});
    EXPECT_TRUE(phone && phone->wait(20s) == 0) << folder_.read("phone.log");
    json all = taps();
    EXPECT_TRUE(until([&] { return (all = taps()).size() > before; }));
    return all.back();
  }
  sim::test::Reply post(const std::string& target, const std::string& why) {
    const std::string key = test::content_of(scene_.path("secrets/operator"));
    return sim::test::ask("POST", scene_.http_url() + target,
                          {"X-ACCOUNT-ID: operator", "X-API-KEY: " + key},
                          json{{"why", why}}.dump());
  }
  struct Ended {
    int exit_code;
    std::string said;
  };
  Ended passgate(std::vector<std::string> words) {
    words.insert(words.begin(), scene_.program("passgate"));
    words.insert(words.end(), {"--config", scene_.path("passgate.toml")});
    auto process = sim::Process::start({.command = words, .environment = {}, .log = folder_ / "e"});
    std::string said;
    while (const auto line = process->read_line(20s)) said += *line + "\n";
    return {process->wait(20s).value_or(-1), said};
  }
  /// What the backend was told, its signature verified.
  std::vector<json> told(const std::string& type) {
    std::vector<json> events;
    for (const json& line : scene_.journal_of("log/subscriber.jsonl")) {
      if (line.value("verified", false) && line.value("type", "") == type) events.push_back(line);
    }
    return events;
  }
  static bool until(const std::function<bool()>& holds) {
    for (const auto deadline = std::chrono::steady_clock::now() + 20s; !holds();) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }

  test::TempFolder folder_;
  sim::Scene scene_;
};

TEST_F(OverridingTest, IsCountedToldAndTakenBackFromTheGateToTheBackend) {
  const json admitted = tap();
  ASSERT_EQ(admitted.at("decision"), "admit");
  const json refused = tap();
  ASSERT_EQ(refused.at("reason"), "already_redeemed");

  // Let in over HTTP, in the name of the client; counted like any entry.
  const std::string target = "/v1/taps/" + refused.at("tap_id").get<std::string>() + "/override";
  const auto reply = post(target, "knows her");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const json act = json::parse(reply.body).at("tap");
  EXPECT_EQ(act.at("operator"), "operator");
  EXPECT_EQ(act.at("use"), 2);
  EXPECT_EQ(json::parse(post(target, "again").body).at("new"), false);
  EXPECT_EQ(tap().at("reason"), "already_redeemed");
  EXPECT_EQ(ask({{"type", "pass"}, {"template", "season-ticket"}, {"pass_id", sim::kValidPass}})
                .at("history")
                .at("uses"),
            2);

  // Both taken back from the command line; the pass is as good as new.
  const Ended ids = passgate({"taps", "--ids"});
  EXPECT_THAT(ids.said, HasSubstr(act.at("tap_id").get<std::string>()));
  for (const json& each : {act, admitted}) {
    const Ended undone =
        passgate({"undo", each.at("tap_id"), "--why", "wrong guest", "--operator", "bert"});
    EXPECT_EQ(undone.exit_code, EX_OK) << folder_.read("e");
    EXPECT_THAT(undone.said, HasSubstr("undone by bert"));
  }
  EXPECT_EQ(passgate({"undo", refused.at("tap_id"), "--why", "w"}).exit_code, EX_DATAERR);
  EXPECT_THAT(folder_.read("e"), HasSubstr("nothing to undo"));
  EXPECT_EQ(tap().at("decision"), "admit");

  // The backend hears who and why.
  ASSERT_TRUE(until([&] { return told("passgate.pass.undone").size() == 2; }))
      << test::content_of(scene_.path("log/subscriber.jsonl")) << passgate({"deliveries"}).said;
  const auto overridden = told("passgate.pass.overridden");
  ASSERT_EQ(overridden.size(), 1U);
  EXPECT_EQ(overridden[0].at("operator"), "operator");
  EXPECT_EQ(overridden[0].at("why"), "knows her");
  EXPECT_EQ(told("passgate.pass.undone")[0].at("operator"), "bert");
  EXPECT_TRUE(until([&] { return told("passgate.pass.redeemed").size() == 3; }));
  // That cloud has no fields to take a use back with: a person's task, in sight.
  EXPECT_TRUE(until([&] {
    const Ended failed = passgate({"deliveries", "--failed"});
    return failed.said.find("undo") != std::string::npos;
  }));
}

}  // namespace
}  // namespace passgate
