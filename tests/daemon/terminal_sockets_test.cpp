// SPDX-License-Identifier: Apache-2.0
// What passgate-syncd and the command line hear from a real passgated with a
// real pcscd.
#include <gtest/gtest.h>
#include <sysexits.h>

#include <functional>
#include <thread>

#include "crypto/vas_key_ring.h"
#include "crypto/vas_phone.h"
#include "runtime/socket_client.h"
#include "sim/demo/process.h"
#include "sim/reader/pcscd_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using runtime::SocketClient;

constexpr const char* kPassType = "pass.com.example.ticket";

MonoTime soon() {
  return std::chrono::steady_clock::now() + 20s;
}

class TerminalSockets : public testing::Test {
 protected:
  void SetUp() override {
    auto rig = sim::VirtualReaderRig::start({.readers = 1});
    ASSERT_TRUE(rig) << name(rig.error().code());
    rig_ = std::move(*rig);
    folder_.write("key.pem", text_of(pem_.expose()));
    config_ = folder_.write("passgate.toml",
                            "[terminal]\nid = \"t\"\nstate_dir = \"state\"\nruntime_dir = \"run\"\n"
                            "[[reader]]\nname = \"north-1\"\nmode = \"gate\"\nzone = \"north\"\n"
                            "[[pass]]\nname = \"ticket\"\ntemplate = \"ptk_0x14\"\n"
                            "pattern = '^(?P<pass_id>.+)$'\n"
                            "apple = { pass_type_id = \"pass.com.example.ticket\", keys = "
                            "[\"file:key.pem\"] }\n"
                            "[keyboard]\ndevice = \"none\"\n");
    auto started = sim::Process::start(
        {.command = {PASSGATE_BIN_DIR "/passgated", "--config", config_.string()},
         .environment = {{"PCSCLITE_CSOCK_NAME", rig_->socket().string()}},
         .log = folder_ / "log"});
    ASSERT_TRUE(started);
    daemon_.emplace(std::move(*started));
  }
  /// As soon as passgated serves.
  SocketClient connect(const std::string& socket) {
    for (const MonoTime deadline = soon();;) {
      auto client = SocketClient::connect(folder_ / ("run/core/" + socket));
      if (client) return std::move(*client);
      if (std::chrono::steady_clock::now() > deadline) ADD_FAILURE() << folder_.read("log");
      std::this_thread::sleep_for(5ms);
    }
  }
  /// The next state that fits; what else is told before is passed over.
  static json state_until(SocketClient& follower, const std::function<bool(const json&)>& fits) {
    for (const MonoTime deadline = soon();;) {
      const auto message = follower.receive(deadline);
      if (!message) {
        ADD_FAILURE() << name(message.error().code());
        return json::object();
      }
      if (message->contains("state") && fits(message->at("state"))) return message->at("state");
    }
  }
  static bool serves(const json& state) {
    return state.at("pcsc") == true && state.at("readers").size() == 1 &&
           state.at("readers")[0].at("state") == "idle";
  }
  struct Ended {
    int exit_code;
    std::string said;
  };
  Ended run(std::vector<std::string> words) {
    words.insert(words.begin(), PASSGATE_BIN_DIR "/passgate");
    words.insert(words.end(), {"--config", config_.string()});
    auto process = sim::Process::start({.command = words, .environment = {}, .log = folder_ / "e"});
    std::string said;
    while (const auto line = process->read_line(20s)) said += *line + "\n";
    return {process->wait(20s).value_or(-1), said};
  }

  test::TempFolder folder_;
  SecretBytes pem_ = crypto::new_private_key_pem();
  std::unique_ptr<sim::VirtualReaderRig> rig_;
  std::filesystem::path config_;
  std::optional<sim::Process> daemon_;
};

TEST_F(TerminalSockets, FollowersHearOfReadersAndOfPcscd) {
  SocketClient follower = connect("core.sock");
  ASSERT_TRUE(follower.send({{"type", "follow"}}, soon()));
  const json first = state_until(follower, serves);
  EXPECT_EQ(first.at("readers")[0].at("reader"), "north-1");
  EXPECT_EQ(first.at("readers")[0].at("pcsc"), rig_->names()[0]);
  EXPECT_EQ(first.at("journal"), "healthy");
  rig_->kill();
  state_until(follower, [](const json& state) { return state.at("pcsc") == false; });
  ASSERT_TRUE(rig_->restart());
  state_until(follower, serves);
  // And again though nothing changed: silence would mean that passgated is gone.
  state_until(follower, serves);
  daemon_->stop();
  const auto end = follower.receive(soon());
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), Errc::unreachable);
}

TEST_F(TerminalSockets, StatusCallsReadersAsEventsDo) {
  SocketClient syncd = connect("core.sock");
  ASSERT_TRUE(syncd.send({{"type", "follow"}}, soon()));
  state_until(syncd, serves);
  const auto status = connect("core.sock").ask({{"type", "status"}}, 20s);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->at("readers")[0].at("reader"), "north-1");
  EXPECT_EQ(status->at("readers")[0].at("name"), rig_->names()[0]);
  EXPECT_EQ(status->at("pcsc"), true);
  EXPECT_FALSE(status->at("passes")[0].contains("stale")) << "no provider, no list";
  const auto id = crypto::PublicKey::of_private(pem_)->id();
  EXPECT_EQ(status->at("passes")[0].at("keys"),
            (json{{{"wallet", "apple"}, {"key_id", to_hex(id.value())}}}));
}

TEST_F(TerminalSockets, SyncdHasAPayloadOpenedAndNobodyElse) {
  const auto sealed =
      crypto::seal_vas(pem_, PassTypeId(kPassType), from_rfc3339("2026-11-20T19:04:09Z").value(),
                       bytes_of("seat42"));
  const json question = {
      {"type", "open"}, {"template", "ptk_0x14"}, {"payload", to_hex(sealed.value())}};
  const auto answer = connect("core.sock").ask(question, 20s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, (json{{"type", "opened"},
                           {"payload", to_hex(bytes_of("seat42"))},
                           {"stamped_at", "2026-11-20T19:04:09Z"}}));
  EXPECT_EQ(connect("control.sock").ask(question, 20s)->value("error", ""), "bad_value");
  EXPECT_EQ(connect("core.sock").ask({{"type", "open"}}, 20s)->value("error", ""), "bad_value");
  EXPECT_EQ(folder_.read("log").find("seat42"), std::string::npos);
}

TEST_F(TerminalSockets, TheCommandLineTellsWhatIsBelievedOfAPass) {
  connect("control.sock");
  const Ended page = run({"pass", "ptk_0x14", "seat42"});
  EXPECT_EQ(page.exit_code, EX_OK);
  EXPECT_NE(page.said.find("now      north (north-1): would be admitted"), std::string::npos)
      << page.said;
  const Ended data = run({"pass", "ticket", "seat42", "--json"});
  EXPECT_EQ(json::parse(data.said).at("pass"), "ticket");
  EXPECT_EQ(run({"pass", "nobody", "seat42"}).exit_code, EX_DATAERR);
  EXPECT_NE(folder_.read("e").find("no [[pass]] has the template or the name nobody"),
            std::string::npos);
  daemon_->stop();
  EXPECT_EQ(run({"pass", "ticket", "seat42"}).exit_code, EX_UNAVAILABLE);
}

TEST_F(TerminalSockets, StatusShowsSyncdsAbsenceEvenWithoutPassgated) {
  connect("control.sock");
  EXPECT_EQ(run({"status"}).exit_code, EX_OK);
  daemon_->stop();
  const Ended ended = run({"status"});
  EXPECT_EQ(ended.exit_code, EX_UNAVAILABLE);
  EXPECT_NE(ended.said.find("passgated  not running"), std::string::npos) << ended.said;
  EXPECT_NE(ended.said.find("syncd    not running"), std::string::npos) << ended.said;
}

}  // namespace
}  // namespace passgate
