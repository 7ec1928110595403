// SPDX-License-Identifier: Apache-2.0
// What people ask of an outbox, and of sync.sock about it.
#include "sync/deliveries_service.h"
#include "sync/redemption.h"
#include "sync/store/outbox.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using runtime::Message;

const Destination kBackend{JobKind::delivery, "backend"};
const Destination kCloud{JobKind::redemption, "main"};

struct OutboxViewsTest : ::testing::Test {
  TempDir folder;
  ManualClock clock;
  SteadyWall times{clock};
  Outbox outbox = std::move(Outbox::open(folder / "outbox.db").value());
  std::uint64_t position = 0;

  WallTime due() const { return times.at(clock.mono); }
  std::int64_t owe(const std::string& pass, const Destination& to = kBackend,
                   std::string event = "", std::string body = "{}") {
    ++position;
    if (event.empty()) event = "event-" + std::to_string(position);
    const std::vector jobs{NewJob{.to = to,
                                  .pass_key = pass,
                                  .event_id = std::move(event),
                                  .body = std::move(body),
                                  .position = position}};
    EXPECT_TRUE(outbox.store(jobs, position, clock.now(), due()));
    return outbox.list({.limit = 1}).value().at(0).id;
  }
  /// Ends what is due next there.
  std::string end(JobEnd how, const Destination& to = kBackend) {
    const auto job = outbox.next_due(to, due()).value();
    if (!job) return "";
    const bool good = how == JobEnd::done;
    EXPECT_TRUE(outbox.finish(*job, how, due(),
                              {.at = clock.now(),
                               .took = Milliseconds(12),
                               .status = good ? 204 : 500,
                               .error = good ? "" : "rejected"}));
    return job->event_id;
  }
  std::vector<std::string> events(const JobFilter& filter) {
    std::vector<std::string> events;
    const auto jobs = outbox.list(filter).value();
    for (const auto& job : jobs) events.push_back(job.event_id);
    return events;
  }
};

TEST_F(OutboxViewsTest, ListsTheNewestFirstAPageAtATime) {
  for (int i = 0; i < 5; ++i) owe("a");
  EXPECT_EQ(events({.limit = 2}), (std::vector<std::string>{"event-5", "event-4"}));
  const auto before = outbox.list({.limit = 2}).value().back().id;
  EXPECT_EQ(events({.before_id = before, .limit = 2}),
            (std::vector<std::string>{"event-3", "event-2"}));
}

TEST_F(OutboxViewsTest, ListsOnlyWhatFailedWhenAskedForThat) {
  owe("a");
  owe("b");
  owe("c");
  owe("d");
  end(JobEnd::dead);
  end(JobEnd::done);
  end(JobEnd::ambiguous);
  EXPECT_EQ(events({.only_failed = true}), (std::vector<std::string>{"event-3", "event-1"}));
}

TEST_F(OutboxViewsTest, SendsADeadLetterAgainBehindEverythingItsPassHasOpen) {
  const auto dead = owe("a");
  EXPECT_EQ(end(JobEnd::dead), "event-1");
  owe("a");
  owe("a");
  ASSERT_TRUE(outbox.redeliver(dead, due()).value());
  owe("a");
  EXPECT_EQ(end(JobEnd::done), "event-2");
  EXPECT_EQ(end(JobEnd::done), "event-3");
  EXPECT_EQ(end(JobEnd::done), "event-1");
  EXPECT_EQ(end(JobEnd::done), "event-4");
  EXPECT_EQ(end(JobEnd::done), "");
}

TEST_F(OutboxViewsTest, SendsTwoDeadLettersAgainInTheOrderTheyWereAskedFor) {
  const auto first = owe("a");
  const auto second = owe("a");
  end(JobEnd::dead);
  end(JobEnd::dead);
  owe("a");
  ASSERT_TRUE(outbox.redeliver(second, due()).value());
  ASSERT_TRUE(outbox.redeliver(first, due()).value());
  EXPECT_EQ(end(JobEnd::done), "event-3");
  EXPECT_EQ(end(JobEnd::done), "event-2");
  EXPECT_EQ(end(JobEnd::done), "event-1");
}

TEST_F(OutboxViewsTest, SendsNothingAgainThatDidNotFail) {
  const auto open = owe("a");
  EXPECT_FALSE(outbox.redeliver(open, due()).value());
  end(JobEnd::done);
  EXPECT_FALSE(outbox.redeliver(open, due()).value());
  EXPECT_FALSE(outbox.redeliver(4711, due()).value());
  EXPECT_EQ(end(JobEnd::done), "");
}

/// The same over sync.sock's messages.
struct DeliveriesServiceTest : OutboxViewsTest {
  unsigned rung = 0;
  DeliveriesService service{
      {.outbox = outbox, .clock = clock, .times = times, .on_jobs = [this] { ++rung; }}};

  Message ask(const Message& message) { return service.answer(message).value(); }
  static Message refusal(const char* why) {
    return {{"type", "error"}, {"error", "rejected"}, {"why", why}};
  }
  std::int64_t redeem() {
    const auto tap = tap_at(position + 1, "a");
    return owe("ptk_0x14/a", kCloud, tap.tap_id.text() + "-redemption", redemption_body(tap));
  }
};

TEST_F(DeliveriesServiceTest, ShowsADeliveryAsAPersonNeedsIt) {
  const auto id = owe("ptk_0x14/a");
  end(JobEnd::dead);
  const auto answer = ask({{"type", "deliveries"}});
  EXPECT_EQ(answer["type"], "deliveries");
  ASSERT_EQ(answer["deliveries"].size(), 1U);
  EXPECT_EQ(answer["deliveries"][0], (Message{{"id", id},
                                              {"kind", "delivery"},
                                              {"destination", "backend"},
                                              {"pass", "ptk_0x14/a"},
                                              {"event", "event-1"},
                                              {"state", "dead"},
                                              {"attempts", 1},
                                              {"last_error", "rejected"},
                                              {"created", "2026-11-20T10:00:00.000Z"},
                                              {"finished", "2026-11-20T10:00:00.000Z"}}));
}

TEST_F(DeliveriesServiceTest, ShowsEveryAttemptOfTheOneAskedFor) {
  const auto id = owe("a");
  owe("b");
  end(JobEnd::dead);
  ASSERT_EQ(ask({{"type", "redeliver"}, {"id", id}}), (Message{{"type", "ok"}}));
  while (!end(JobEnd::done).empty()) {
  }
  const auto answer = ask({{"type", "deliveries"}, {"id", id}});
  ASSERT_EQ(answer["deliveries"].size(), 1U);
  const auto& tries = answer["deliveries"][0]["tries"];
  ASSERT_EQ(tries.size(), 2U);
  EXPECT_EQ(tries[0], (Message{{"at", "2026-11-20T10:00:00.000Z"},
                               {"took_ms", 12},
                               {"status", 500},
                               {"error", "rejected"}}));
  EXPECT_EQ(tries[1]["status"], 204);
}

TEST_F(DeliveriesServiceTest, AnswersWithinOneFrameWhateverThePassesAreCalled) {
  for (int i = 0; i < 120; ++i) owe(std::string(20'000, '\x01') + std::to_string(i));
  const auto answer = ask({{"type", "deliveries"}, {"limit", 5000}});
  EXPECT_EQ(answer["deliveries"].size(), 100U);
  EXPECT_TRUE(runtime::encode_frame(answer));
}

TEST_F(DeliveriesServiceTest, RefusesMessagesThatMakeNoSense) {
  const Message bad{{"type", "error"}, {"error", "bad_value"}};
  owe("a");
  for (const Message& wrong :
       {Message("1"), Message(0), Message(-1), Message(1.5), Message(true), Message(UINT64_MAX)}) {
    EXPECT_EQ(ask({{"type", "deliveries"}, {"id", wrong}}), bad) << wrong;
    EXPECT_EQ(ask({{"type", "deliveries"}, {"limit", wrong}}), bad) << wrong;
    EXPECT_EQ(ask({{"type", "deliveries"}, {"before", wrong}}), bad) << wrong;
    EXPECT_EQ(ask({{"type", "redeliver"}, {"id", wrong}}), bad) << wrong;
    EXPECT_EQ(ask({{"type", "undo"}, {"id", wrong}}), bad) << wrong;
  }
  EXPECT_EQ(ask({{"type", "deliveries"}, {"failed", 1}}), bad);
  EXPECT_EQ(ask({{"type", "redeliver"}}), bad);
  EXPECT_EQ(rung, 0U);
  EXPECT_FALSE(service.answer({{"type", "launch"}}));
  EXPECT_FALSE(service.answer({{"type", 7}}));
}

TEST_F(DeliveriesServiceTest, RingsTheWorkersWhenItSendsALetterAgain) {
  const auto id = owe("a");
  end(JobEnd::dead);
  EXPECT_EQ(ask({{"type", "redeliver"}, {"id", id}}), (Message{{"type", "ok"}}));
  EXPECT_EQ(rung, 1U);
  EXPECT_EQ(ask({{"type", "redeliver"}, {"id", id}}), refusal("not_failed"));
  EXPECT_EQ(ask({{"type", "redeliver"}, {"id", id + 1}}), refusal("unknown"));
  EXPECT_EQ(rung, 1U);
}

TEST_F(DeliveriesServiceTest, QueuesTheUndoOfARecordedRedemptionOnce) {
  const auto id = redeem();
  end(JobEnd::done, kCloud);
  EXPECT_EQ(ask({{"type", "undo"}, {"id", id}}), (Message{{"type", "ok"}}));
  EXPECT_EQ(rung, 1U);
  const auto job = outbox.next_due(kCloud, due()).value();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->event_id, tap_at(1, "a").tap_id.text() + "-undo");
  auto expected = Message::parse(redemption_body(tap_at(1, "a")));
  expected["undo"] = true;
  EXPECT_EQ(Message::parse(job->body), expected);
  EXPECT_EQ(outbox.list({.limit = 1}).value().at(0).pass_key, "ptk_0x14/a");
  EXPECT_EQ(ask({{"type", "undo"}, {"id", id}}), refusal("undone"));
  EXPECT_EQ(rung, 1U);
}

TEST_F(DeliveriesServiceTest, TakesNothingBackThatIsNotRecorded) {
  const auto open = redeem();
  EXPECT_EQ(ask({{"type", "undo"}, {"id", open}}), refusal("not_recorded"));
  end(JobEnd::terminal, kCloud);
  EXPECT_EQ(ask({{"type", "undo"}, {"id", open}}), refusal("not_recorded"));
  const auto delivery = owe("a");
  end(JobEnd::done);
  EXPECT_EQ(ask({{"type", "undo"}, {"id", delivery}}), refusal("not_recorded"));
  EXPECT_EQ(ask({{"type", "undo"}, {"id", 4711}}), refusal("unknown"));
  EXPECT_EQ(rung, 0U);
}

TEST_F(DeliveriesServiceTest, TellsNoProviderOfAUseThatWasUndone) {
  const auto id = redeem();
  end(JobEnd::terminal, kCloud);
  const std::vector jobs{NewJob{.to = kCloud,
                                .pass_key = "ptk_0x14/a",
                                .event_id = undo_event_id(tap_at(1, "a").tap_id.text()),
                                .body = "{}",
                                .position = ++position,
                                .takes_back = outbox.list({.id = id}).value().at(0).event_id}};
  ASSERT_TRUE(outbox.store(jobs, position, clock.now(), due()));
  EXPECT_EQ(ask({{"type", "redeliver"}, {"id", id}}), refusal("use_undone"));
  EXPECT_EQ(rung, 0U);
  EXPECT_FALSE(outbox.next_due(kCloud, due()).value());
}

TEST_F(DeliveriesServiceTest, SendsAgainWhatWasTakenBackAtTheProviderOnly) {
  // Counted twice or not at all: taken back there, then told anew, it counts once.
  const auto id = redeem();
  end(JobEnd::ambiguous, kCloud);
  EXPECT_EQ(ask({{"type", "undo"}, {"id", id}}), (Message{{"type", "ok"}}));
  end(JobEnd::done, kCloud);
  EXPECT_EQ(ask({{"type", "redeliver"}, {"id", id}}), (Message{{"type", "ok"}}));
}

TEST_F(DeliveriesServiceTest, DoesNotTakeAnUndoBack) {
  const auto id = redeem();
  end(JobEnd::done, kCloud);
  ask({{"type", "undo"}, {"id", id}});
  end(JobEnd::done, kCloud);
  const auto undo = outbox.list({.limit = 1}).value().at(0).id;
  ASSERT_NE(undo, id);
  EXPECT_EQ(ask({{"type", "undo"}, {"id", undo}}), refusal("not_recorded"));
}

}  // namespace
}  // namespace passgate::sync::test
