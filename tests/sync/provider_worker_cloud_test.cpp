// SPDX-License-Identifier: Apache-2.0
// What the worker does for any cloud: memos, places in a sweep, changes, rate
// limits. The cloud is a made-up one whose every answer is in the test.
#include "tests/sync/made_up_cloud.h"

namespace passgate::sync::test {
namespace {

TEST_F(ProviderWorkerCloudTest, ARestartInMidSweepGoesOnBehindTheLastPageStored) {
  restart();
  http.script = {answer(200, "a"), answer(200, "b")};
  steps(2);
  restart();
  http.script = {answer(200, "c"), answer(200, "end")};
  steps(2);
  EXPECT_EQ(urls(), (std::vector<std::string>{"all/", "all/a", "all/b", "all/c"}));
  for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(state(name), PassState::valid) << name;
  EXPECT_EQ(gate.look_up("main", "tmpl", "a").swept_at, clock.now());
}

TEST_F(ProviderWorkerCloudTest, ShowsHowFarASweepIs) {
  restart();
  http.script = {answer(200, "a"), answer(200, "b")};
  steps(2);
  ASSERT_TRUE(worker->report().sweep);
  EXPECT_EQ(worker->report().sweep->rows, 2U);
  EXPECT_EQ(worker->report().sweep->total, 3U);
  restart();
  http.script = {answer(200, "c")};
  steps(1);
  EXPECT_EQ(worker->report().sweep->rows, 3U);
  http.script = {answer(200, "end")};
  steps(1);
  EXPECT_FALSE(worker->report().sweep);
}

TEST_F(ProviderWorkerCloudTest, FetchesOnlyWhatChangedUntilTheFullSweepIsDue) {
  sweep_all();
  clock.advance(seconds(300));
  http.script = {answer(200, "b"), answer(200, "end")};
  steps(2);
  EXPECT_EQ(urls(), (std::vector<std::string>{"since/later", "since/b"}));
  EXPECT_EQ(state("a"), PassState::valid) << "not among the changes, and still there";
  EXPECT_EQ(gate.look_up("main", "tmpl", "a").swept_at, clock.now());
  clock.advance(seconds(3600));
  http.asked.clear();
  http.script = {answer(200, "a"), answer(200, "end")};
  steps(2);
  EXPECT_EQ(urls().front(), "all/");
  EXPECT_EQ(state("b"), PassState::voided);
}

TEST_F(ProviderWorkerCloudTest, SeesEverythingAgainWhenAskingForChangesFailsOrTheClockWentBack) {
  sweep_all();
  clock.advance(seconds(300));
  http.script = {answer(404, "")};
  steps(1);
  clock.advance(seconds(300));
  http.script = {answer(200, "a"), answer(200, "b"), answer(200, "end")};
  steps(3);
  EXPECT_EQ(urls()[1], "all/");
  clock.advance(seconds(300));
  clock.wall -= std::chrono::hours(48);
  http.asked.clear();
  http.script = {answer(200, "a")};
  steps(1);
  EXPECT_EQ(urls().front(), "all/");
}

TEST_F(ProviderWorkerCloudTest, ReadsBeforeItWritesAgainAfterALostAnswer) {
  sweep_all();
  owe();
  http.script = {fail(Errc::connection_lost), answer(200, "there")};
  steps(3);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/id-a/a", "read/id-a/a"}));
  EXPECT_EQ(outbox->backlog(kRedemptions)->open, 0U);
}

TEST_F(ProviderWorkerCloudTest, ReadsBeforeItWritesAgainAfterACrashInMidWrite) {
  sweep_all();
  owe();
  http.script = {fail(Errc::stopped)};  // As if killed between the send and the answer.
  steps(1);
  outbox.reset();
  outbox.emplace(std::move(Outbox::open(folder / "outbox.db").value()));
  restart();
  http.script = {answer(200, "none"), answer(200)};
  steps(1);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/id-a/a", "read/id-a/a", "write/id-a/a"}));
}

TEST_F(ProviderWorkerCloudTest, ConversationsThatGetOnDoNotAddUpToAnOutage) {
  sweep_all();
  owe();
  http.script = {fail(Errc::connection_lost)};
  steps(1);
  for (int i = 0; i < 12; ++i) {
    http.script = {answer(200, "none"), answer(503)};
    const auto began = clock.mono;
    steps(1);
    EXPECT_LE(clock.mono - began, Milliseconds(10)) << "after " << i << " half conversations";
  }
}

TEST_F(ProviderWorkerCloudTest, HasNoDoubtAfterAnOutageInWhichNothingLeft) {
  sweep_all();
  owe();
  http.script = {fail(Errc::unreachable), answer(200)};
  steps(3);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/id-a/a", "write/id-a/a"}));
  EXPECT_TRUE(http.asked.front().once) << "libcurl must not send it again by itself";
}

TEST_F(ProviderWorkerCloudTest, ReportsWhatNobodyCanKnowAndKeepsIt) {
  sweep_all();
  owe();
  http.script = {answer(200, "nobody knows")};
  steps(1);
  const auto backlog = outbox->backlog(kRedemptions);
  EXPECT_EQ(backlog->open, 0U);
  EXPECT_EQ(backlog->failed, 0U);
  EXPECT_EQ(backlog->ambiguous, 1U);
}

TEST_F(ProviderWorkerCloudTest, TakesAUseBackWhenItIsToldTo) {
  sweep_all();
  auto tap = tap_at(1, "a");
  tap.pass_template = "tmpl";
  auto job = redemption(undo_body(redemption_body(tap)).value());
  job.event_id = undo_event_id(kTap);
  ASSERT_EQ(outbox->enqueue(job, clock.now(), times.at(clock.mono)), true);
  http.script = {answer(200)};
  steps(1);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/undo/a"}));
}

TEST_F(ProviderWorkerCloudTest, TakesNothingBackOfARedemptionThatWasRefused) {
  sweep_all();
  owe();
  auto tap = tap_at(1, "a");
  tap.pass_template = "tmpl";
  auto undo = redemption(undo_body(redemption_body(tap)).value());
  undo.event_id = undo_event_id(kTap);
  undo.takes_back = redemption_event_id(kTap);
  ASSERT_EQ(outbox->enqueue(undo, clock.now(), times.at(clock.mono)), true);
  http.script = {answer(412)};
  steps(2);
  EXPECT_EQ(http.asked.size(), 1U) << "what the cloud has is somebody else's";
  EXPECT_EQ(outbox->backlog(kRedemptions)->open, 0U);
}

TEST_F(ProviderWorkerCloudTest, WaitsForTheWindowWhenNoRequestIsLeft) {
  restart();
  http.script = {answer(200, "a", {{"ratelimit", "\"d\";r=0;t=30"}})};
  worker->step();
  EXPECT_EQ(worker->step() - clock.mono, seconds(30));
  EXPECT_EQ(urls().size(), 1U);
}

TEST_F(ProviderWorkerCloudTest, KeepsTheLastRequestsOfAWindowForRedemptions) {
  restart();
  http.script = {answer(
      200, "a", {{"ratelimit-policy", "\"d\";q=100;w=60"}, {"ratelimit", "\"d\";r=9;t=30"}})};
  worker->step();
  EXPECT_EQ(worker->step() - clock.mono, seconds(30)) << "the sweep waits";
  owe();
  http.script = {answer(200)};
  worker->step();
  EXPECT_EQ(urls().back(), "write/id-a/a") << "a redemption does not";
}

}  // namespace
}  // namespace passgate::sync::test
