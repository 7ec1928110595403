// SPDX-License-Identifier: Apache-2.0
// "Durable before green", read off the system calls of the running daemon.
#include <gtest/gtest.h>

#include <thread>

#include "runtime/socket_client.h"
#include "sim/demo/scene.h"
#include "tests/daemon/system_call_trace.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kTaps = 8;

/// LeakSanitizer cannot work on a process that strace watches.
const std::vector<std::pair<std::string, std::string>> kTraced = {
    {"ASAN_OPTIONS", "detect_leaks=0"}};

/// The trace is complete when strace says that the process left.
std::string read_trace(const test::TempFolder& folder, const std::string& name) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  std::string trace = folder.read(name);
  while (trace.find("+++ exited with") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
    trace = folder.read(name);
  }
  return trace;
}

std::string all_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Trace, SyncOfTheJournalReturnsBeforeLampAndKeyboard) {
  const test::TempFolder folder;
  const sim::DemoOptions options = {.programs = PASSGATE_BIN_DIR,
                                    .fixtures = PASSGATE_FIXTURES,
                                    .folder = folder / "scene",
                                    .more_passes = kTaps,
                                    .passgated_prefix = test::under_strace(folder / "trace"),
                                    .passgated_environment = kTraced};
  sim::Scene scene;
  ASSERT_TRUE(scene.start(options)) << scene.trouble();
  auto feed = runtime::SocketClient::connect(scene.path("run/core/control.sock"));
  ASSERT_TRUE(feed && feed->ask({{"type", "follow"}}, 10s));
  for (unsigned i = 0; i < kTaps; ++i) {
    auto phone = sim::Process::start(
        {.command = {scene.program("passgate-sim"), "tap", "--reader", scene.card_socket(0),
                     "--pass-type-id", sim::kTicketType, "--key", scene.path("keys/ticket.pem"),
                     "--payload", sim::more_pass(i)},
         .environment = {},
         .log = folder / "phones"});
    auto report = feed->receive(std::chrono::steady_clock::now() + 30s);
    while (report && report->value("type", "") == "state") {
      report = feed->receive(std::chrono::steady_clock::now() + 30s);
    }
    ASSERT_TRUE(report);
    ASSERT_EQ(report->at("tap").value("decision", ""), "admit") << report->dump();
    ASSERT_EQ(phone->wait(30s).value_or(-1), 0) << folder.read("phones");
  }
  EXPECT_EQ(all_of(scene.stop()), "");
  const auto found = test::check_durability(read_trace(folder, "trace"));
  EXPECT_EQ(found.admissions, kTaps);
  EXPECT_EQ(found.greens, kTaps);
  EXPECT_EQ(found.screens, kTaps);
  EXPECT_EQ(all_of(found.violations), "");
}

/// The same flow with a journal that does not sync must be caught by the same
/// check, or the check is worth nothing.
TEST(Trace, CatchesAJournalThatDoesNotSync) {
  for (const auto& [synchronous, sound] : {std::pair("2", true), std::pair("0", false)}) {
    const test::TempFolder folder;
    auto command = test::under_strace(folder / "trace");
    for (const std::string& word :
         {std::string(PASSGATE_TRACE_SUBJECT), folder.path().string(), std::string(synchronous)}) {
      command.push_back(word);
    }
    auto subject =
        sim::Process::start({.command = command, .environment = kTraced, .log = folder / "said"});
    ASSERT_EQ(subject->wait(60s).value_or(-1), 0) << folder.read("said");
    const auto found = test::check_durability(read_trace(folder, "trace"));
    EXPECT_GT(found.admissions, 0U);
    EXPECT_EQ(found.violations.empty(), sound) << all_of(found.violations);
  }
}

}  // namespace
}  // namespace passgate
