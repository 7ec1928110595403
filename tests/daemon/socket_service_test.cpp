// SPDX-License-Identifier: Apache-2.0
// passgated's two sockets, with a real server and a real journal.
#include "daemon/socket_service.h"

#include <gtest/gtest.h>

#include <thread>

#include "runtime/socket_client.h"
#include "tests/rig/flow_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using runtime::SocketClient;

class Sockets : public ::testing::Test {
 protected:
  void SetUp() override {
    auto bound = runtime::SocketServer::bind({folder_ / "core", folder_ / "control"}, {});
    ASSERT_TRUE(bound);
    server_ = std::move(*bound);
    thread_ = std::thread([this] { server_->run(service_); });
  }
  void TearDown() override {
    server_->stop();
    thread_.join();
  }
  SocketClient connect(const std::string& socket) {
    auto client = SocketClient::connect(folder_ / socket);
    EXPECT_TRUE(client);
    return std::move(*client);
  }
  void tap(const std::string& pass) {
    const auto report = rig_.tap(*rig_.phone(pass));
    feed_.publish(daemon::to_json(report));
    server_->wake();
  }
  static json next(SocketClient& client) {
    const auto message = client.receive(std::chrono::steady_clock::now() + 20s);
    EXPECT_TRUE(message);
    return message.value_or(json::object());
  }
  static void say(SocketClient& client, const json& message) {
    EXPECT_TRUE(client.send(message, std::chrono::steady_clock::now() + 20s));
  }

  test::TempFolder folder_;
  test::FlowRig rig_{folder_.path(), {}};
  daemon::LiveFeed feed_;
  runtime::Log log_{false, runtime::Level::error};
  daemon::SocketService service_{*rig_.journal, feed_, log_,
                                 [] { return json{{"type", "status"}, {"fine", true}}; }};
  std::unique_ptr<runtime::SocketServer> server_;
  std::thread thread_;
};

TEST_F(Sockets, StreamsTheJournalFromAPositionAndGoesOnLive) {
  for (const char* pass : {"a", "b", "c"}) tap(pass);
  auto syncd = connect("core");
  say(syncd, {{"type", "subscribe"}, {"after", 1}});
  json message = next(syncd);
  ASSERT_EQ(message.at("taps").size(), 2U);
  EXPECT_EQ(message.at("taps")[0].at("pass_id"), "b");
  EXPECT_EQ(message.at("last"), 3);
  tap("d");
  message = next(syncd);
  ASSERT_EQ(message.at("taps").size(), 1U);
  EXPECT_EQ(message.at("taps")[0].at("pass_id"), "d");
}

TEST_F(Sockets, StreamsALongJournalInBatchesWithoutLossOrRepetition) {
  constexpr std::uint64_t kTaps = 700;
  for (std::uint64_t i = 0; i < kTaps; ++i) rig_.tap(*rig_.phone("p" + std::to_string(i)));
  auto syncd = connect("core");
  say(syncd, {{"type", "subscribe"}, {"after", 0}});
  std::uint64_t expected = 1;
  while (expected <= kTaps) {
    const json message = next(syncd);
    ASSERT_LE(message.at("taps").size(), daemon::SocketService::kBatch);
    for (const json& one : message.at("taps")) EXPECT_EQ(one.at("position"), expected++);
  }
}

TEST_F(Sockets, TellsASubscriberThatTheJournalIsAnotherOne) {
  tap("a");
  auto syncd = connect("core");
  say(syncd, {{"type", "subscribe"}, {"after", 2}});
  EXPECT_EQ(next(syncd).value("error", ""), "out_of_sequence");
}

TEST_F(Sockets, KeepsWhatASubscriberAcknowledged) {
  tap("a");
  auto syncd = connect("core");
  say(syncd, {{"type", "ack"}, {"position", 1}});
  EXPECT_TRUE(syncd.ask({{"type", "status"}}, 20s));  // Answered after the acknowledgement.
  EXPECT_EQ(rig_.journal->acknowledged().value(), 1U);
}

TEST_F(Sockets, ShowsWatchersWhatHappensNow) {
  tap("before");
  auto watcher = connect("control");
  EXPECT_EQ(watcher.ask({{"type", "follow"}}, 20s)->at("type"), "following");
  tap("a");
  const json message = next(watcher);
  EXPECT_EQ(message.at("tap").at("pass_id"), "a");
  EXPECT_EQ(message.at("tap").at("decision"), "admit");
  EXPECT_TRUE(message.at("tap").at("stages_us").contains("journal"));
}

TEST_F(Sockets, ListsTheNewestTaps) {
  for (const char* pass : {"a", "b", "c"}) tap(pass);
  auto person = connect("control");
  const auto answer = person.ask({{"type", "taps"}, {"limit", 2}}, 20s);
  ASSERT_EQ(answer->at("taps").size(), 2U);
  EXPECT_EQ(answer->at("taps")[1].at("pass_id"), "c");
}

TEST_F(Sockets, KeepTheirDutiesApartAndSurviveNonsense) {
  auto person = connect("control");
  auto syncd = connect("core");
  const std::vector<json> nonsense = {{{"type", "dance"}},
                                      {{"type", "subscribe"}},
                                      {{"type", "subscribe"}, {"after", -1}},
                                      {{"type", "ack"}, {"position", "all"}}};
  for (const json& message : nonsense) {
    EXPECT_EQ(syncd.ask(message, 20s)->value("error", ""), "bad_value") << message;
    EXPECT_EQ(person.ask(message, 20s)->value("error", ""), "bad_value") << message;
  }
  EXPECT_EQ(person.ask({{"type", "subscribe"}, {"after", 0}}, 20s)->value("error", ""),
            "bad_value");
  EXPECT_EQ(syncd.ask({{"type", "follow"}}, 20s)->value("error", ""), "bad_value");
  EXPECT_TRUE(syncd.ask({{"type", "status"}}, 20s)->value("fine", false));
}

}  // namespace
}  // namespace passgate
