// SPDX-License-Identifier: Apache-2.0
// passgated as a person starts it with something wrong: it must say what, and
// leave with the sysexits code for it.
#include <gtest/gtest.h>
#include <sysexits.h>

#include <thread>

#include "core/bytes.h"
#include "crypto/vas_phone.h"
#include "sim/demo/process.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;

class Startup : public ::testing::Test {
 protected:
  struct Ended {
    int exit_code;
    std::string said;
  };

  void SetUp() override {
    const SecretBytes pem = crypto::new_private_key_pem();
    folder_.write("key.pem", text_of(pem.expose()));
  }

  std::string config(const std::string& state = "state") const {
    return "[terminal]\nid = \"t\"\nstate_dir = \"" + state +
           "\"\nruntime_dir = \"run\"\n"
           "[[reader]]\nmode = \"gate\"\n"
           "[[pass]]\nname = \"p\"\npattern = '^(?P<pass_id>.+)$'\n"
           "apple = { pass_type_id = \"pass.com.example\", keys = [\"file:key.pem\"] }\n"
           "[keyboard]\ndevice = \"none\"\n";
  }

  Ended run(const std::string& text, std::vector<std::string> more = {}) {
    const auto file = folder_.write("passgate.toml", text);
    std::vector<std::string> command = {PASSGATE_BIN_DIR "/passgated", "--config", file.string()};
    command.insert(command.end(), more.begin(), more.end());
    auto process =
        sim::Process::start({.command = command, .environment = {}, .log = folder_ / "said"});
    const auto status = process->wait(20s);
    return {status ? *status : -1, folder_.read("said")};
  }

  test::TempFolder folder_;
};

TEST_F(Startup, ChecksAGoodConfigurationWithoutTouchingAnything) {
  const Ended ended = run(config(), {"--check-config"});
  EXPECT_EQ(ended.exit_code, EX_OK) << ended.said;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "state"));
}

TEST_F(Startup, NamesLineAndHintOfATypo) {
  const Ended ended = run(config() + "layuot = \"us\"\n");
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("passgate.toml:13"), std::string::npos) << ended.said;
  EXPECT_NE(ended.said.find("layout"), std::string::npos) << ended.said;
}

TEST_F(Startup, RefusesAKeyThatOthersMayRead) {
  folder_.write("key.pem", folder_.read("key.pem"), 0644);
  const Ended ended = run(config());
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("chmod 0600"), std::string::npos) << ended.said;
}

TEST_F(Startup, RefusesAKeyThatIsNone) {
  folder_.write("key.pem", "not a key");
  const Ended ended = run(config());
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("P-256"), std::string::npos) << ended.said;
}

TEST_F(Startup, RefusesAPatternWithoutPassId) {
  std::string text = config();
  text.replace(text.find("?P<pass_id>"), 11, "?P<ticket>");
  const Ended ended = run(text);
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("pass_id"), std::string::npos) << ended.said;
}

TEST_F(Startup, RefusesATimeZoneThatThereIsNot) {
  std::string text = config();
  text.replace(text.find("[keyboard]"), 0, "once_per_day = \"Europe/Brelin\"\n");
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--check-config"}, {}}) {
    const Ended ended = run(text, more);
    EXPECT_EQ(ended.exit_code, EX_CONFIG);
    EXPECT_NE(ended.said.find("passgate.toml:7: pass p: once_per_day: there is no time zone "
                              "Europe/Brelin"),
              std::string::npos)
        << ended.said;
  }
}

TEST_F(Startup, RefusesAZoneThatEmptiesNowhere) {
  const std::string text = config() +
                           "[[zone]]\nname = \"hall\"\ntimezone = \"Mars/Olympus\"\n"
                           "empties_at = \"04:00\"\n";
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--check-config"}, {}}) {
    const Ended ended = run(text, more);
    EXPECT_EQ(ended.exit_code, EX_CONFIG);
    EXPECT_NE(ended.said.find("passgate.toml:13: zone hall: there is no time zone Mars/Olympus"),
              std::string::npos)
        << ended.said;
  }
}

TEST_F(Startup, RefusesAPartyThatThePatternCannotTell) {
  std::string text = config();
  text.replace(text.find("[keyboard]"), 0, "max_party = 3\n");
  const Ended ended = run(text, {"--check-config"});
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("max_party needs a group party in pattern"), std::string::npos)
      << ended.said;
  text.replace(text.find("(?P<pass_id>.+)"), 15, "(?P<pass_id>.+)/(?P<party>[0-9])");
  EXPECT_EQ(run(text, {"--check-config"}).exit_code, EX_OK);
}

TEST_F(Startup, RefusesATypeThatNamesNoGroup) {
  std::string text = config();
  text.replace(text.find("[[pass]]\n"), 9, "[[pass]]\ntype = \"{seat}\"\n");
  const Ended ended = run(text);
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("seat"), std::string::npos) << ended.said;
}

TEST_F(Startup, RefusesACollectorKeyThatIsNone) {
  folder_.write("collector.pem", "not a key");
  std::string text = config();
  text.replace(
      text.find("[keyboard]"), 0,
      "google = { collector_id = 1, keys = [{ version = 1, key = \"file:collector.pem\" }] "
      "}\n");
  const Ended ended = run(text, {"--check-config"});
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("collector.pem is not a P-256 private key"), std::string::npos)
      << ended.said;
  folder_.write("collector.pem", folder_.read("key.pem"));
  EXPECT_EQ(run(text, {"--check-config"}).exit_code, EX_OK);
}

TEST_F(Startup, KnowsEveryServiceThatTheConfigurationNames) {
  std::string text = config();
  text.replace(text.find("[keyboard]"), 0,
               "google = { collector_id = 1, keys = [{ version = 1, key = \"file:key.pem\" }], "
               "services = [\"all\", \"loyalty\", \"offer\", \"gift_card\", \"closed_loop\", "
               "\"event_ticket\", \"flight\", \"transit\", \"generic\", \"generic_private\", "
               "\"customer\"] }\n");
  const Ended ended = run(text, {"--check-config"});
  EXPECT_EQ(ended.exit_code, EX_OK) << ended.said;
}

TEST_F(Startup, RefusesAGroupWithANameOfItsOwnMeaning) {
  std::string text = config();
  text.replace(text.find("(?P<pass_id>.+)"), 15, "(?P<pass_id>.+)(?P<object_id>x)");
  const Ended ended = run(text);
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("names a group object_id"), std::string::npos) << ended.said;
}

TEST_F(Startup, RefusesToShowWhatNoTapHas) {
  std::string text = config();
  text.replace(text.find("[[pass]]\n"), 9, "[[pass]]\ndisplay = [\"seat\"]\n");
  const Ended ended = run(text);
  EXPECT_EQ(ended.exit_code, EX_CONFIG);
  EXPECT_NE(ended.said.find("display names seat"), std::string::npos) << ended.said;
}

TEST_F(Startup, SaysWhichStateDirectoryCannotBeWritten) {
  folder_.write("a-file", "");
  const Ended ended = run(config("a-file/state"));
  EXPECT_EQ(ended.exit_code, EX_CANTCREAT);
  EXPECT_NE(ended.said.find("a-file/state"), std::string::npos) << ended.said;
}

TEST_F(Startup, LeavesACorruptJournalAsItIsAndSaysSo) {
  const std::string garbage(8192, 'x');
  std::filesystem::create_directories(folder_ / "state");
  folder_.write("state/core/journal.db", garbage);
  const Ended ended = run(config());
  EXPECT_EQ(ended.exit_code, EX_CANTCREAT);
  EXPECT_NE(ended.said.find("storage_corrupt"), std::string::npos) << ended.said;
  EXPECT_EQ(folder_.read("state/core/journal.db"), garbage);
}

TEST_F(Startup, SaysWhenTheKeyboardIsMissing) {
  std::string text = config();
  text.replace(text.find("\"none\""), 6, "\"text:/nowhere/typed.txt\"");
  const Ended ended = run(text);
  EXPECT_EQ(ended.exit_code, EX_UNAVAILABLE);
  EXPECT_NE(ended.said.find("keyboard"), std::string::npos) << ended.said;
}

TEST_F(Startup, StopsCleanlyWithoutPcscdAndRefusesASecondInstance) {
  const auto file = folder_.write("passgate.toml", config());
  const sim::Process::Start start = {
      .command = {PASSGATE_BIN_DIR "/passgated", "--config", file.string()},
      .environment = {{"PCSCLITE_CSOCK_NAME", (folder_ / "no-pcscd").string()}},
      .log = folder_ / "first"};
  auto first = sim::Process::start(start);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (folder_.read("first").find("ready") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  const Ended second = run(config());
  EXPECT_EQ(second.exit_code, EX_UNAVAILABLE);
  EXPECT_NE(second.said.find("another passgated"), std::string::npos) << second.said;
  EXPECT_EQ(first->stop(), EX_OK);
  EXPECT_NE(folder_.read("first").find("stopped"), std::string::npos);
}

}  // namespace
}  // namespace passgate
