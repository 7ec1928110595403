// SPDX-License-Identifier: Apache-2.0
// passgate-sim reader, as scripts use it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/pcsc/eventually.h"
#include "tests/pcsc/test_card.h"

namespace passgate::sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = PASSGATE_BIN_DIR "/passgate-sim";

[[noreturn]] void become(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kProgram);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (auto& each : arguments) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  ::execv(kProgram, pointers.data());
  ::_exit(EX_OSERR);
}

int exit_status_of(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs it to its end. A process of its own, because libpcsclite chooses its
/// socket once in a process.
int run(std::vector<std::string> arguments) {
  const pid_t child = ::fork();
  if (child == 0) become(std::move(arguments));
  return exit_status_of(child);
}

/// `passgate-sim reader …` in a process of its own.
class SimReaderCommand : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("passgate-sim-" + std::to_string(::getpid()));
    fs::create_directories(directory_);
  }
  void TearDown() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    fs::remove_all(directory_);
  }
  /// Starts it and reads its first line.
  void start(std::vector<std::string> more) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      std::vector<std::string> arguments{"reader", "--dir", directory_.native()};
      arguments.insert(arguments.end(), more.begin(), more.end());
      become(std::move(arguments));
    }
    ::close(ends[1]);
    std::string line;
    for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(ends[0]);
    ready_ = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(ready_.is_object()) << line;
  }
  int exit_status() { return exit_status_of(std::exchange(child_, 0)); }
  std::string card(std::size_t i) const { return ready_["readers"][i]["card"]; }

  fs::path directory_;
  pid_t child_ = 0;
  nlohmann::json ready_;
};

TEST_F(SimReaderCommand, SaysWhereItsReadersAreAndLeavesNoSocketBehind) {
  start({"--count", "2", "--name", "Gate"});
  EXPECT_EQ(ready_["event"], "ready");
  EXPECT_EQ(ready_["socket"], (directory_ / "pcscd.comm").native());
  ASSERT_EQ(ready_["readers"].size(), 2U);
  EXPECT_EQ(ready_["readers"][1]["name"], "Gate 01 00");
  EXPECT_EQ(card(1), (directory_ / "r1").native());
  {
    const test::TestCard phone(card(1));
    EXPECT_TRUE(test::eventually([&] { return phone.power_ons() >= 1; }));
  }
  ::kill(child_, SIGTERM);
  EXPECT_EQ(exit_status(), EX_OK);
  EXPECT_FALSE(fs::exists(directory_ / "pcscd.comm"));
  EXPECT_FALSE(fs::exists(card(0)));
}

TEST_F(SimReaderCommand, EndsWithUnavailableWhenPcscdDies) {
  start({});
  ::kill(ready_["pcscd"].get<pid_t>(), SIGKILL);
  EXPECT_EQ(exit_status(), EX_UNAVAILABLE);
}

TEST_F(SimReaderCommand, OrdersFaultsFromARunningReader) {
  start({});
  EXPECT_EQ(run({"reader", "fault", "--card", card(0), "delay", "1"}), EX_OK);
  EXPECT_EQ(run({"reader", "fault", "--card", card(0), "explode"}), EX_USAGE);
  EXPECT_EQ(run({"reader", "fault", "--card", card(0) + "x", "gone"}), EX_UNAVAILABLE);
  ::kill(child_, SIGINT);
  EXPECT_EQ(exit_status(), EX_OK);
}

TEST_F(SimReaderCommand, SaysWhenTheDriverIsMissing) {
  EXPECT_EQ(run({"reader", "--dir", directory_.native(), "--driver", "/nonexistent.so"}),
            EX_UNAVAILABLE);
}

}  // namespace
}  // namespace passgate::sim
