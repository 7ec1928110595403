// SPDX-License-Identifier: Apache-2.0
#include "sync/journal_stream.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/system_clock.h"
#include "sync/events.h"
#include "tests/sync/fake_core.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

const Destination kBackend{JobKind::delivery, "backend"};

struct JournalStreamTest : ::testing::Test {
  TempDir folder;
  runtime::SystemClock clock;
  SteadyWall times{clock};
  runtime::Log log{false, runtime::Level::error};
  std::optional<Outbox> outbox = std::move(Outbox::open(folder / "outbox.db").value());
  int stop_fd = -1;
  std::atomic<int> rings{0};
  std::optional<JournalStream> stream;
  std::thread thread;

  void start() {
    stop_fd = ::eventfd(0, EFD_CLOEXEC);
    stream.emplace(folder / "core.sock",
                   Routes{.subscribers = {{"backend", {std::string(kScannedType)}}},
                          .redeeming_providers = {}},
                   JournalStream::Parts{.outbox = *outbox,
                                        .clock = clock,
                                        .times = times,
                                        .log = log,
                                        .random = [] { return 0.0; },
                                        .on_jobs = [this] { ++rings; }},
                   stop_fd);
    thread = std::thread([this] { stream->run(); });
  }
  void stop() {
    if (!thread.joinable()) return;
    ASSERT_EQ(::eventfd_write(stop_fd, 1), 0);
    thread.join();
    ::close(stop_fd);
  }
  void TearDown() override { stop(); }
  std::size_t owed() { return outbox->backlog(kBackend)->open; }
};

TEST_F(JournalStreamTest, TurnsTapsIntoJobsAndAcknowledgesThemAfterwards) {
  FakeCore core(folder / "core.sock");
  core.record({tap_at(1, "a"), tap_at(2, "b")});
  start();
  ASSERT_TRUE(core.wait_for_ack(2));
  EXPECT_EQ(core.subscription(1), 0U);
  EXPECT_EQ(outbox->cursor().value(), 2U);
  EXPECT_EQ(owed(), 2U);
  EXPECT_EQ(rings, 1);
  core.record({tap_at(5, "c")});
  ASSERT_TRUE(core.wait_for_ack(5));
  EXPECT_EQ(owed(), 3U);
}

TEST_F(JournalStreamTest, GoesOnAfterItsCursorWhenItOrPassgatedComesBack) {
  auto core = std::make_unique<FakeCore>(folder / "core.sock");
  core->record({tap_at(1, "a")});
  start();
  ASSERT_TRUE(core->wait_for_ack(1));
  core.reset();
  FakeCore again(folder / "core.sock");
  EXPECT_EQ(again.subscription(1), 1U);
  again.record({tap_at(1, "a"), tap_at(2, "b")});
  ASSERT_TRUE(again.wait_for_ack(2));
  stop();
  start();
  EXPECT_EQ(again.subscription(2), 2U);
  EXPECT_EQ(owed(), 2U);
}

TEST_F(JournalStreamTest, BeginsAnewWhenTheJournalIsAnotherOne) {
  auto core = std::make_unique<FakeCore>(folder / "core.sock");
  core->record({tap_at(7, "a")});
  start();
  ASSERT_TRUE(core->wait_for_ack(7));
  core.reset();
  FakeCore replaced(folder / "core.sock");
  EXPECT_EQ(replaced.subscription(1), 7U);
  replaced.say({{"type", "error"}, {"error", "out_of_sequence"}});
  EXPECT_EQ(replaced.subscription(2), 0U);
  replaced.record({tap_at(1, "b")});
  ASSERT_TRUE(replaced.wait_for_ack(1));
  EXPECT_EQ(owed(), 2U);
}

TEST_F(JournalStreamTest, StartsBeforePassgatedDoes) {
  start();
  FakeCore core(folder / "core.sock");
  core.record({tap_at(1, "a")});
  ASSERT_TRUE(core.wait_for_ack(1));
  EXPECT_EQ(owed(), 1U);
}

TEST_F(JournalStreamTest, TakesNothingFromABatchItCannotReadAndAsksAgain) {
  FakeCore core(folder / "core.sock");
  start();
  EXPECT_EQ(core.subscription(1), 0U);
  auto unreadable = gate::to_json(tap_at(2, "b"));
  unreadable["decision"] = "perhaps";
  core.say({{"type", "taps"},
            {"taps", runtime::Message::array({gate::to_json(tap_at(1, "a")), unreadable})},
            {"last", 2}});
  EXPECT_EQ(core.subscription(2), 0U);
  EXPECT_EQ(owed(), 0U);
  core.record({tap_at(1, "a"), tap_at(2, "b")});
  ASSERT_TRUE(core.wait_for_ack(2));
  EXPECT_EQ(owed(), 2U);
}

TEST_F(JournalStreamTest, RefusesTapsOutOfOrder) {
  FakeCore core(folder / "core.sock");
  start();
  EXPECT_EQ(core.subscription(1), 0U);
  core.say({{"type", "taps"},
            {"taps", runtime::Message::array(
                         {gate::to_json(tap_at(2, "b")), gate::to_json(tap_at(1, "a"))})},
            {"last", 2}});
  EXPECT_EQ(core.subscription(2), 0U);
  EXPECT_EQ(owed(), 0U);
}

TEST_F(JournalStreamTest, EndsWhenAskedToWhetherPassgatedIsThereOrNot) {
  start();
  stop();
  const FakeCore core(folder / "core.sock");
  start();
  stop();
  SUCCEED();
}

}  // namespace
}  // namespace passgate::sync::test
