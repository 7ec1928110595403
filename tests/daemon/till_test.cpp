// SPDX-License-Identifier: Apache-2.0
// A till on another machine: real daemons, a real pcscd, a tap, real TCP.
#include "tests/rig/till.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <thread>

#include "crypto/vas_phone.h"
#include "runtime/socket_client.h"
#include "runtime/system_clock.h"
#include "sim/demo/process.h"
#include "sim/reader/pcscd_rig.h"
#include "sim/tap/reader_link.h"
#include "sim/tap/virtual_iphone.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using runtime::SocketClient;

constexpr const char* kPassType = "pass.com.example.ticket";

class TillOnAnotherMachine : public testing::Test {
 protected:
  void start(const std::string& mode) {
    auto rig = sim::VirtualReaderRig::start({.readers = 1});
    ASSERT_TRUE(rig) << name(rig.error().code());
    rig_ = std::move(*rig);
    folder_.write("key.pem", text_of(pem_.expose()));
    config_ = folder_.write(
        "passgate.toml",
        fmt::format("[terminal]\nid = \"t\"\nstate_dir = \"state\"\nruntime_dir = \"run\"\n"
                    "[[reader]]\nname = \"north-1\"\nmode = \"{}\"\nrearm_ms = 0\n"
                    "[[pass]]\nname = \"ticket\"\npattern = '^(?P<pass_id>.+)$'\n"
                    "type = \"{{pass_id}}\\n\"\n"
                    "apple = {{ pass_type_id = \"{}\", keys = [\"file:key.pem\"] }}\n"
                    "[keyboard]\ndevice = \"tcp:127.0.0.1:{}\"\n",
                    mode, kPassType, till_->port()));
    core_.emplace(daemon("passgated"));
    sync_.emplace(daemon("passgate-syncd"));
    follower_.emplace(connect("run/core/core.sock"));
    ASSERT_TRUE(follower_->send({{"type", "follow"}}, soon()));
    told([](const json& message) {
      return message.contains("state") && message["state"]["readers"].size() == 1 &&
             message["state"]["readers"][0]["state"] == "idle";
    });
    connect("run/sync/sync.sock");
  }
  sim::Process daemon(const std::string& program) const {
    return std::move(*sim::Process::start(
        {.command = {PASSGATE_BIN_DIR "/" + program, "--config", config_.string()},
         .environment = {{"PCSCLITE_CSOCK_NAME", rig_->socket().string()}},
         .log = folder_ / "log"}));
  }
  static MonoTime soon() { return std::chrono::steady_clock::now() + 20s; }
  SocketClient connect(const std::string& socket) {
    for (const MonoTime deadline = soon();;) {
      auto client = SocketClient::connect(folder_ / socket);
      if (client) return std::move(*client);
      if (std::chrono::steady_clock::now() > deadline) ADD_FAILURE() << folder_.read("log");
      std::this_thread::sleep_for(5ms);
    }
  }
  template <class F>
  json told(F&& fits) {
    for (const MonoTime deadline = soon();;) {
      auto message = follower_->receive(deadline);
      if (!message) {
        ADD_FAILURE() << name(message.error().code()) << folder_.read("log");
        return json::object();
      }
      if (fits(*message)) return std::move(*message);
    }
  }
  /// A phone with this pass at the reader. @return What passgated reports.
  json tap(const std::string& message) {
    std::vector<sim::WalletPass> passes;
    SecretBytes key(pem_.size());
    std::ranges::copy(pem_.expose(), key.writable().begin());
    const auto bytes = bytes_of(message);
    passes.push_back({PassTypeId(kPassType), std::move(key), {bytes.begin(), bytes.end()}});
    sim::VirtualIphone phone(std::move(passes), {}, clock_);
    auto link = sim::ReaderLink::enter(rig_->card(0));
    if (!link) {
      ADD_FAILURE() << "no reader";
      return json::object();
    }
    link->hold(phone, 20s);
    return told([](const json& one) { return one.value("type", "") == "tap"; }).at("tap");
  }

  test::TempFolder folder_;
  runtime::SystemClock clock_;
  SecretBytes pem_ = crypto::new_private_key_pem();
  std::optional<test::Till> till_{std::in_place};
  std::unique_ptr<sim::VirtualReaderRig> rig_;
  std::filesystem::path config_;
  std::optional<sim::Process> core_;
  std::optional<sim::Process> sync_;
  std::optional<SocketClient> follower_;
};

TEST_F(TillOnAnotherMachine, GetsTheTextOfEachTapAlsoAfterARestart) {
  start("wedge");
  EXPECT_EQ(tap("seat42").at("typed"), "typed");
  EXPECT_EQ(till_->wait_for("seat42\r"), "seat42\r");
  const auto port = till_->port();
  till_.reset();
  till_.emplace(test::Till::Options{.port = port});
  EXPECT_EQ(tap("seat43").at("typed"), "typed");
  EXPECT_EQ(till_->wait_for("seat43\r"), "seat43\r");
  EXPECT_EQ(sync_->stop(), EX_OK);
  sync_.emplace(daemon("passgate-syncd"));
  connect("run/sync/sync.sock");
  EXPECT_EQ(tap("seat44").at("typed"), "typed") << folder_.read("log");
  EXPECT_EQ(till_->wait_for("seat43\rseat44\r"), "seat43\rseat44\r");
  EXPECT_EQ(folder_.read("log").find("seat4"), std::string::npos) << "what is typed is not logged";
}

TEST_F(TillOnAnotherMachine, ThatIsGoneIsToldAndAGateAdmitsAllTheSame) {
  start("gate");
  till_.reset();
  const json tapped = tap("seat42");
  EXPECT_EQ(tapped.at("decision"), "admit");
  EXPECT_EQ(tapped.at("typed"), "failed");
  EXPECT_NE(folder_.read("log").find("input_device_unavailable"), std::string::npos);
  EXPECT_EQ(sync_->stop(), EX_OK);
  const json again = tap("seat43");
  EXPECT_EQ(again.at("decision"), "admit") << "nor does passgate-syncd matter";
  EXPECT_EQ(again.at("typed"), "failed");
}

TEST_F(TillOnAnotherMachine, GetsNothingThatItsKeyboardCouldNotType) {
  start("wedge");
  EXPECT_EQ(tap("Größe").at("typed"), "untypable");
  EXPECT_EQ(tap("seat42").at("typed"), "typed");
  EXPECT_EQ(till_->wait_for("seat42\r"), "seat42\r");
}

}  // namespace
}  // namespace passgate
