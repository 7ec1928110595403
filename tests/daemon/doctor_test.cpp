// SPDX-License-Identifier: Apache-2.0
// `passgate doctor` beside the real daemons and a real pcscd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "crypto/new_key.h"
#include "runtime/socket_client.h"
#include "sim/demo/process.h"
#include "sim/reader/pcscd_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class DoctorBesideDaemons : public testing::Test {
 protected:
  void SetUp() override {
    auto rig = sim::VirtualReaderRig::start({.readers = 1});
    ASSERT_TRUE(rig) << name(rig.error().code());
    rig_ = std::move(*rig);
    folder_.write("key.pem", text_of(crypto::new_private_key_pem().expose()));
    folder_.write("passgate.toml",
                  "[terminal]\nid = \"t\"\nstate_dir = \"state\"\nruntime_dir = \"run\"\n"
                  "[[reader]]\nname = \"north-1\"\nmode = \"wedge\"\n"
                  "[[pass]]\nname = \"ticket\"\n"
                  "apple = { pass_type_id = \"pass.com.example\", keys = [\"file:key.pem\"] }\n"
                  "[keyboard]\ndevice = \"none\"\n");
  }
  sim::Process start(std::vector<std::string> words) {
    words[0] = PASSGATE_BIN_DIR "/" + words[0];
    words.insert(words.end(), {"--config", folder_ / "passgate.toml"});
    return std::move(
        *sim::Process::start({.command = words,
                              .environment = {{"PCSCLITE_CSOCK_NAME", rig_->socket().string()}},
                              .log = folder_ / "log"}));
  }
  void wait_for(const std::string& socket) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!runtime::SocketClient::connect(folder_ / socket)) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << folder_.read("log");
      std::this_thread::sleep_for(5ms);
    }
  }
  /// What it found, by what it is about; and its exit status.
  struct Told {
    int exit_code = -1;
    std::map<std::string, json> findings;
  };
  Told doctor() {
    sim::Process process = start({"passgate", "doctor", "--json"});
    Told told;
    if (const auto line = process.read_line(20s)) {
      const json all = json::parse(*line);
      for (const json& one : all.at("findings")) told.findings[one.at("what")] = one;
    }
    told.exit_code = process.wait(20s).value_or(-1);
    return told;
  }

  test::TempFolder folder_;
  std::unique_ptr<sim::VirtualReaderRig> rig_;
};

TEST_F(DoctorBesideDaemons, SeesThemReaderAndKeysAndWhatIsMissing) {
  std::optional core = start({"passgated"});
  sim::Process sync = start({"passgate-syncd"});
  wait_for("run/core/control.sock");
  wait_for("run/sync/sync.sock");
  // That they have yet to find the reader and each other is no fault of theirs.
  Told told = doctor();
  EXPECT_EQ(told.exit_code, EX_OK) << json(told.findings).dump(1);
  for (const char* what : {"passgated", "passgate-syncd", "pcscd", "keyboard", "disk space"}) {
    EXPECT_EQ(told.findings[what].value("health", ""), "ok") << what;
  }
  const json reader = told.findings["reader " + rig_->names()[0]];
  EXPECT_THAT(reader.value("detail", ""), testing::HasSubstr("[[reader]] north-1, mode wedge"));
  const json key = told.findings["key of ticket (apple)"];
  EXPECT_THAT(key.value("detail", ""), testing::HasSubstr("which passgated has"));

  core.reset();
  rig_->kill();
  told = doctor();
  EXPECT_EQ(told.exit_code, EX_UNAVAILABLE);
  EXPECT_EQ(told.findings["passgated"].value("mend", ""), "sudo systemctl start passgated");
  EXPECT_EQ(told.findings["pcscd"].value("health", ""), "fail");
}

TEST_F(DoctorBesideDaemons, LeavesWithAStatusOfItsOwnWhenItCannotReadTheConfiguration) {
  folder_.write("passgate.toml", "nonsense = 1\n");
  const Told told = doctor();
  EXPECT_EQ(told.exit_code, EX_CONFIG);
  EXPECT_EQ(told.findings.at("configuration").at("health"), "fail");
}

}  // namespace
}  // namespace passgate
