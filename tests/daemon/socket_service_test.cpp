// SPDX-License-Identifier: Apache-2.0
// passgated's two sockets, with a real server and a real journal.
#include "daemon/socket_service.h"

#include <gtest/gtest.h>

#include <atomic>
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
  static json state(const char* reader, const char* journal = "healthy") {
    return {{"readers", {{{"reader", "north-1"}, {"pcsc", "ACS"}, {"state", reader}}}},
            {"pcsc", true},
            {"journal", journal},
            {"clock", "synchronised"}};
  }
  void becomes(const json& state) {
    state_.with([&](json& now) { now = state; });
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
  Guarded<json> state_{state("idle")};
  daemon::SocketService service_{
      *rig_.journal,
      feed_,
      log_,
      {.status = [] { return json{{"type", "status"}, {"fine", true}}; },
       .state = [this] { return state_.with([](const json& now) { return now; }); },
       .pass = [](const json& question) -> Result<json> {
         return json{{"type", "pass"}, {"pass_id", question.at("pass_id")}};
       },
       .open = [](const json&) -> Result<json> { return fail(Errc::unknown_key); },
       .act = [](const json& question) -> Result<json> {
         return json{{"type", "act"}, {"asked", question.at("type")}};
       }}};
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
  EXPECT_EQ(message.at("tap").at("position"), 2);
  EXPECT_EQ(message.at("tap").at("zone"), "north");
  EXPECT_EQ(message.at("tap").at("direction"), "entry");
  EXPECT_TRUE(message.at("tap").at("stages_us").contains("journal"));
}

TEST_F(Sockets, TellsFollowersOnBothSocketsHowTheTerminalIs) {
  for (const char* socket : {"core", "control"}) {
    becomes(state("idle"));
    auto follower = connect(socket);
    const auto first = follower.ask({{"type", "follow"}}, 20s);
    EXPECT_EQ(first->at("type"), "following");
    EXPECT_EQ(first->at("state"), state("idle"));
    becomes(state("unavailable"));
    const json message = next(follower);
    EXPECT_EQ(message.at("type"), "state");
    EXPECT_EQ(message.at("state"), state("unavailable"));
    becomes(state("idle", "out_of_order"));
    EXPECT_EQ(next(follower).at("state"), state("idle", "out_of_order"));
  }
}

TEST_F(Sockets, TellsFollowersOfATapNotThatAReaderIsInIt) {
  auto follower = connect("core");
  ASSERT_TRUE(follower.ask({{"type", "follow"}}, 20s));
  becomes(state("in_tap"));
  ASSERT_TRUE(connect("core").ask({{"type", "status"}}, 20s));  // It has looked by now.
  tap("a");
  EXPECT_EQ(next(follower).at("type"), "tap");
}

TEST_F(Sockets, RepeatsTheStateSoThatSilenceMeansAbsence) {
  auto follower = connect("core");
  ASSERT_TRUE(follower.ask({{"type", "follow"}}, 20s));
  std::atomic<bool> heard = false;
  // As the main thread does, only faster.
  std::thread wakes([&] {
    while (!heard) {
      server_->wake();
      std::this_thread::sleep_for(5ms);
    }
  });
  const json message = next(follower);
  heard = true;
  wakes.join();
  EXPECT_EQ(message, (json{{"type", "state"}, {"state", state("idle")}}));
}

TEST_F(Sockets, ListTapsOnBoth) {
  for (const char* pass : {"a", "b", "c"}) tap(pass);
  for (const char* socket : {"core", "control"}) {
    auto person = connect(socket);
    const auto answer = person.ask({{"type", "taps"}, {"limit", 2}}, 20s);
    ASSERT_EQ(answer->at("taps").size(), 2U);
    EXPECT_EQ(answer->at("taps")[1].at("pass_id"), "c");
    const auto after = person.ask({{"type", "taps"}, {"after", 1}}, 20s);
    ASSERT_EQ(after->at("taps").size(), 2U);
    EXPECT_EQ(after->at("taps")[0].at("pass_id"), "b");
    EXPECT_EQ(after->at("last"), 3);
  }
}

TEST_F(Sockets, OpenPayloadsForSyncdAlone) {
  const json question = {{"type", "open"}, {"template", "t"}, {"payload", ""}};
  EXPECT_EQ(connect("core").ask(question, 20s)->value("error", ""), "unknown_key");
  EXPECT_EQ(connect("control").ask(question, 20s)->value("error", ""), "bad_value");
}

TEST_F(Sockets, TakeAnOperatorsActOnBoth) {
  for (const char* socket : {"core", "control"}) {
    for (const char* type : {"override", "undo"}) {
      const auto answer = connect(socket).ask({{"type", type}, {"tap_id", "t"}}, 20s);
      EXPECT_EQ(*answer, (json{{"type", "act"}, {"asked", type}})) << socket;
    }
  }
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
  EXPECT_EQ(person.ask({{"type", "pass"}}, 20s)->value("error", ""), "bad_value");
  EXPECT_TRUE(syncd.ask({{"type", "status"}}, 20s)->value("fine", false));
}

}  // namespace
}  // namespace passgate
