// SPDX-License-Identifier: Apache-2.0
#include "sync/service/live_taps.h"

#include <sys/eventfd.h>

#include <condition_variable>
#include <optional>
#include <thread>

#include "runtime/system_clock.h"
#include "runtime/unix_socket.h"
#include "sync/service/tap_stream.h"
#include "tests/sync/fake_core.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

struct LiveTapsTest : ::testing::Test {
  TempDir folder;
  runtime::SystemClock clock;
  runtime::Log log{false, runtime::Level::error};
  runtime::FileDescriptor stop_fd{::eventfd(0, EFD_CLOEXEC)};
  std::unique_ptr<FakeCore> core = std::make_unique<FakeCore>(folder / "core.sock");
  std::optional<LiveTaps> live;
  std::mutex mutex;
  std::condition_variable woken;
  std::thread thread;

  void follow(Milliseconds beat, Milliseconds silence) {
    live.emplace(LiveTaps::Settings{.core_sock = folder / "core.sock",
                                    .readers = {"north-1"},
                                    .beat = beat,
                                    .silence = silence},
                 LiveTaps::Parts{.clock = clock, .log = log, .random = [] { return 0.0; }},
                 stop_fd.get());
    live->attach([this] {
      const std::lock_guard lock(mutex);
      woken.notify_all();
    });
    thread = std::thread([this] { live->run(); });
  }
  /// False after 20 s. Whatever changes wakes.
  template <class F>
  bool wait(F&& condition) {
    std::unique_lock lock(mutex);
    return woken.wait_for(lock, std::chrono::seconds(20), condition);
  }
  bool wait_connected(bool connected) {
    return wait([&] { return live->state().connected == connected; });
  }
  void TearDown() override {
    ASSERT_EQ(::eventfd_write(stop_fd.get(), 1), 0);
    if (thread.joinable()) thread.join();
  }
  TapStream stream(std::optional<std::uint64_t> after = std::nullopt) {
    return {*live, [](const json&) { return fail(Errc::unreachable); }, clock,
            TapStream::Terms{.after = after}};
  }
};

constexpr Milliseconds kNever{600'000};  // Longer than a test may take.

std::size_t count_of(std::string_view what, std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(LiveTapsTest, WakeWatchersAgainAndAgainThoughNothingHappens) {
  follow(Milliseconds{5}, kNever);
  ASSERT_TRUE(wait_connected(true));
  const auto version = live->state().version;
  EXPECT_TRUE(wait([&] { return live->state().version > version + 3; }));
  core.reset();
  ASSERT_TRUE(wait_connected(false));
  const auto absent = live->state().version;
  EXPECT_TRUE(wait([&] { return live->state().version > absent + 3; }));
}

TEST_F(LiveTapsTest, TakeAPassgatedThatFellSilentForAbsentAndTryAgain) {
  follow(Milliseconds{5}, Milliseconds{50});
  ASSERT_TRUE(wait_connected(true));
  ASSERT_TRUE(wait_connected(false));
  EXPECT_EQ(live->state().reasons, std::vector<std::string>{"core_absent"});
  EXPECT_TRUE(wait_connected(true));
}

TEST_F(LiveTapsTest, KeepLittleAndTellAWatcherThatFellBehindFromWhereToRead) {
  follow(kNever, kNever);
  ASSERT_TRUE(wait_connected(true));
  auto slow = stream();
  slow.start([] {});
  EXPECT_TRUE(slow.take().contains("event: state"));
  core->happen(tap_at(1, "p"));
  ASSERT_TRUE(wait([&] { return live->next() == 1; }));
  EXPECT_TRUE(slow.take().contains("id: 1\n"));
  for (std::uint64_t position = 2; position <= 400; ++position) core->happen(tap_at(position, "p"));
  ASSERT_TRUE(wait([&] { return live->next() == 400; }));
  auto text = slow.take();
  EXPECT_TRUE(text.starts_with("event: gap\ndata: {\"after\":1}\n\n")) << text.substr(0, 80);
  EXPECT_TRUE(text.contains("id: 145\n"));
  std::size_t taps = 0;
  for (; !text.empty(); text = slow.take()) {
    const auto at_once = count_of("event: tap", text);
    EXPECT_LE(at_once, 64U);  // So much is held for somebody who does not read.
    taps += at_once;
  }
  EXPECT_EQ(taps, LiveTaps::kKept);
}

TEST_F(LiveTapsTest, SaySoWhenMoreHappenedWhilePassgatedWasOutOfReachThanIsKept) {
  follow(kNever, kNever);
  ASSERT_TRUE(wait_connected(true));
  core->happen(tap_at(1, "p"));
  core->happen(tap_at(2, "p"));
  ASSERT_TRUE(wait([&] { return live->next() == 2; }));
  auto watcher = stream();
  watcher.start([] {});
  core.reset();
  ASSERT_TRUE(wait_connected(false));
  std::vector<gate::TapRecord> journal;
  for (std::uint64_t position = 1; position <= 300; ++position) {
    journal.push_back(tap_at(position, "p"));
  }
  core = std::make_unique<FakeCore>(folder / "core.sock", std::move(journal));
  ASSERT_TRUE(wait([&] { return live->next() > 2; }));
  EXPECT_TRUE(watcher.take().contains("event: state"));
  EXPECT_EQ(watcher.take(), "event: gap\ndata: {\"after\":2}\n\n");
  core->happen(tap_at(301, "p"));
  ASSERT_TRUE(wait([&] { return live->next() > 3; }));
  EXPECT_TRUE(watcher.take().contains("id: 301\n"));
}

TEST_F(LiveTapsTest, ForgetAWatcherThatIsGone) {
  follow(kNever, kNever);
  ASSERT_TRUE(wait_connected(true));
  {
    auto watcher = stream();
    watcher.start([] {});
    EXPECT_EQ(live->watchers(), 2U);
  }
  EXPECT_EQ(live->watchers(), 1U);
}

}  // namespace
}  // namespace passgate::sync::test
