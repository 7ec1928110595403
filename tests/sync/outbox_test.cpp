// SPDX-License-Identifier: Apache-2.0
#include "sync/store/outbox.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <set>

#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using std::chrono::seconds;

const WallTime kStart = from_rfc3339("2026-11-20T10:00:00Z").value();
const Destination kBackend{JobKind::delivery, "backend"};
const Destination kCloud{JobKind::redemption, "main"};

NewJob job(std::uint64_t position, std::string pass, const Destination& to = kBackend) {
  const auto id = "event-" + std::to_string(position);
  return {.to = to,
          .pass_key = std::move(pass),
          .event_id = id,
          .body = "body of " + id,
          .position = position};
}

struct OutboxTest : ::testing::Test {
  TempDir folder;
  std::optional<Outbox> outbox = open();

  std::optional<Outbox> open() { return std::move(Outbox::open(folder / "outbox.db").value()); }
  /// What is on disk is all that a new process finds.
  void crash() {
    outbox.reset();
    outbox = open();
  }
  void store(const std::vector<NewJob>& jobs, std::uint64_t cursor) {
    ASSERT_TRUE(outbox->store(jobs, cursor, kStart, kStart));
  }
  std::optional<Job> due(WallTime now = kStart, const Destination& to = kBackend) {
    return outbox->next_due(to, now).value();
  }
  std::string due_event(WallTime now = kStart, const Destination& to = kBackend) {
    const auto found = due(now, to);
    return found ? found->event_id : "";
  }
  void finish(JobEnd end = JobEnd::done, WallTime now = kStart) {
    ASSERT_TRUE(outbox->finish(*due(now), end, now, attempt(200)));
  }
  static Attempt attempt(std::optional<int> status, std::string error = "") {
    return {.at = kStart, .took = Milliseconds(12), .status = status, .error = std::move(error)};
  }
};

TEST_F(OutboxTest, StartsBeforeTheFirstRecordOfTheJournal) {
  EXPECT_EQ(outbox->cursor().value(), 0U);
  EXPECT_EQ(due_event(), "");
}

TEST_F(OutboxTest, IsReadableByItsOwnerOnly) {
  for (const char* name : {"outbox.db", "outbox.db-wal", "outbox.db-shm"}) {
    struct stat found{};
    ASSERT_EQ(::stat((folder / name).c_str(), &found), 0) << name;
    EXPECT_EQ(found.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(OutboxTest, QueuesAnUndoOnlyBehindWhatItTakesBack) {
  const auto undo_of = [](std::uint64_t position, const std::string& event) {
    auto undo = job(position, "a", kCloud);
    undo.takes_back = event;
    return undo;
  };
  store({undo_of(1, "event-2")}, 1);
  EXPECT_EQ(due_event(kStart, kCloud), "") << "no use was recorded";
  store({job(2, "a", kCloud), undo_of(3, "event-2")}, 3);
  EXPECT_EQ(due_event(kStart, kCloud), "event-2");
  ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::done, kStart, attempt(200)));
  EXPECT_EQ(due_event(kStart, kCloud), "event-3");
  EXPECT_FALSE(outbox->was_refused(kCloud, "event-2").value());
  ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::done, kStart, attempt(200)));
  store({job(4, "a", kCloud)}, 4);
  ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::terminal, kStart, attempt(404)));
  EXPECT_TRUE(outbox->was_refused(kCloud, "event-4").value());
  store({undo_of(5, "event-4")}, 5);
  EXPECT_EQ(due_event(kStart, kCloud), "") << "the provider has nothing of it";
}

TEST_F(OutboxTest, DoesNotSendAgainWhatWasUndoneEvenAfterACrash) {
  const auto refuse = [&] {
    ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::terminal, kStart, attempt(404)));
  };
  const auto undo = [&](std::uint64_t position, const std::string& event) {
    auto job_of_undo = job(position, "a", kCloud);
    job_of_undo.takes_back = event;
    store({job_of_undo}, position);
  };
  // Undone after it was refused: there is no undo to be queued.
  store({job(1, "a", kCloud)}, 1);
  refuse();
  undo(2, "event-1");
  // Undone while it was under way.
  store({job(3, "a", kCloud)}, 3);
  undo(4, "event-3");
  refuse();
  ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::done, kStart, attempt({})));
  // Refused and not undone.
  store({job(5, "a", kCloud)}, 5);
  refuse();
  crash();
  const auto redemptions = outbox->list({}).value();
  ASSERT_EQ(redemptions.size(), 4U);
  for (const auto& redemption : redemptions) {
    const bool again = outbox->redeliver(redemption.id, kStart).value();
    EXPECT_EQ(again, redemption.event_id == "event-5") << redemption.event_id;
    const bool undone = redemption.event_id == "event-1" || redemption.event_id == "event-3";
    EXPECT_EQ(redemption.undone, undone) << redemption.event_id;
  }
  EXPECT_EQ(due_event(kStart, kCloud), "event-5");
}

TEST_F(OutboxTest, CallsNothingOwedOfAUseThatWasUndone) {
  store({job(1, "a", kCloud), job(2, "b", kCloud)}, 2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::terminal, kStart, attempt(404)));
  }
  auto undo = job(3, "a", kCloud);
  undo.takes_back = "event-1";
  store({undo}, 3);
  EXPECT_EQ(outbox->backlog(kCloud)->failed, 1U);
  const auto failed = outbox->list({.only_failed = true}).value();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].event_id, "event-2");
}

TEST_F(OutboxTest, LooksNoMoreForWhatIsNotCertainOfAUseThatWasUndone) {
  store({job(1, "a", kCloud)}, 1);
  ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::ambiguous, kStart, attempt(200)));
  EXPECT_EQ(outbox->backlog(kCloud)->ambiguous, 1U);
  auto undo = job(2, "a", kCloud);
  undo.takes_back = "event-1";
  store({undo}, 2);
  EXPECT_EQ(due_event(kStart, kCloud), "event-2") << "its undo sees to it";
  EXPECT_EQ(outbox->backlog(kCloud)->ambiguous, 0U);
  EXPECT_TRUE(outbox->list({.only_failed = true})->empty());
}

TEST_F(OutboxTest, LearnsFromAnOlderFileWhatWasUndone) {
  const auto redemption = [](std::uint64_t position, const std::string& tap) {
    auto one = job(position, tap, kCloud);
    one.event_id = tap + "-redemption";
    return one;
  };
  const auto undo = [](std::uint64_t position, const std::string& tap, std::string body) {
    auto one = job(position, tap, kCloud);
    one.event_id = tap + "-undo";
    one.body = std::move(body);
    return one;
  };
  store({redemption(1, "here"), redemption(2, "cloud"), redemption(3, "kept"),
         undo(4, "here", R"({"this_use_only":true,"undo":true})"),
         undo(5, "cloud", R"({"pass_id":"\"this_use_only\":true","undo":true})")},
        5);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(outbox->finish(*due(kStart, kCloud), JobEnd::ambiguous, kStart, attempt(200)));
  }
  outbox.reset();
  sqlite3* older = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "outbox.db").c_str(), &older), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(older, "ALTER TABLE jobs DROP COLUMN undone; PRAGMA user_version=2",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(older);
  outbox = open();
  const auto jobs = outbox->list({}).value();
  for (const auto& one : jobs) {
    EXPECT_EQ(one.undone, one.event_id == "here-redemption") << one.event_id;
  }
  EXPECT_EQ(outbox->cursor().value(), 5U);
}

TEST_F(OutboxTest, KeepsJobsAndCursorOverACrash) {
  store({job(1, "a"), job(2, "b")}, 2);
  crash();
  EXPECT_EQ(outbox->cursor().value(), 2U);
  const auto first = due();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->event_id, "event-1");
  EXPECT_EQ(first->body, "body of event-1");
  EXPECT_EQ(first->attempts, 0U);
}

TEST_F(OutboxTest, TakesABatchThatComesAgainOnlyOnce) {
  store({job(1, "a"), job(2, "b")}, 2);
  store({job(1, "a"), job(2, "b")}, 2);
  store({job(1, "a")}, 1);
  EXPECT_EQ(outbox->cursor().value(), 2U);
  EXPECT_EQ(outbox->backlog(kBackend)->open, 2U);
}

TEST_F(OutboxTest, WritesNeitherJobsNorCursorWhenTheBatchCannotBeStored) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "outbox.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other,
                         "CREATE TRIGGER stop BEFORE INSERT ON jobs WHEN new.position = 2 "
                         "BEGIN SELECT raise(ABORT, 'disk'); END",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  const std::vector jobs{job(1, "a"), job(2, "b")};
  EXPECT_FALSE(outbox->store(jobs, 2, kStart, kStart));
  crash();
  EXPECT_EQ(outbox->cursor().value(), 0U);
  EXPECT_EQ(outbox->backlog(kBackend)->open, 0U);
}

TEST_F(OutboxTest, GivesTheJobsOfOnePassInTheOrderOfTheJournal) {
  store({job(1, "a"), job(2, "a"), job(3, "a")}, 3);
  for (const char* expected : {"event-1", "event-2", "event-3", ""}) {
    EXPECT_EQ(due_event(), expected);
    if (due()) finish();
  }
}

TEST_F(OutboxTest, HoldsBackTheRestOfAPassWhoseFirstJobFailedButNoOtherPass) {
  store({job(1, "a"), job(2, "a"), job(3, "b")}, 3);
  ASSERT_TRUE(outbox->postpone(*due(), kStart + seconds(10), attempt(500, "rejected")));
  EXPECT_EQ(due_event(), "event-3");
  finish();
  EXPECT_EQ(due_event(), "");
  EXPECT_EQ(outbox->next_time(kBackend).value(), kStart + seconds(10));
  EXPECT_EQ(due_event(kStart + seconds(10)), "event-1");
  EXPECT_EQ(due(kStart + seconds(10))->attempts, 1U);
}

TEST_F(OutboxTest, KeepsTheOrderOfAPassOverACrashAndForJobsThatComeLater) {
  store({job(1, "a")}, 1);
  ASSERT_TRUE(outbox->postpone(*due(), kStart + seconds(10), attempt(500, "rejected")));
  crash();
  store({job(2, "a")}, 2);
  EXPECT_EQ(due_event(), "");
  EXPECT_EQ(due_event(kStart + seconds(10)), "event-1");
  finish(JobEnd::done, kStart + seconds(10));
  EXPECT_EQ(due_event(kStart + seconds(10)), "event-2");
}

TEST_F(OutboxTest, LetsAPassGoOnAfterADeadLetterAndKeepsTheLetter) {
  store({job(1, "a"), job(2, "a")}, 2);
  finish(JobEnd::dead);
  EXPECT_EQ(due_event(), "event-2");
  finish(JobEnd::terminal);
  ASSERT_TRUE(outbox->prune(kStart + std::chrono::years(10), kStart, 100));
  crash();
  EXPECT_EQ(outbox->backlog(kBackend)->failed, 2U);
  EXPECT_EQ(outbox->backlog(kBackend)->open, 0U);
}

TEST_F(OutboxTest, KeepsDestinationsApart) {
  const Destination other{JobKind::delivery, "other"};
  const Destination same_name{JobKind::redemption, "backend"};
  store({job(1, "a"), job(1, "a", other), job(1, "a", same_name)}, 1);
  finish();
  EXPECT_EQ(due_event(), "");
  EXPECT_EQ(due_event(kStart, other), "event-1");
  EXPECT_EQ(due_event(kStart, same_name), "event-1");
}

TEST_F(OutboxTest, RecordsEveryAttempt) {
  store({job(1, "a")}, 1);
  const std::vector attempts{attempt(std::nullopt, "unreachable"), attempt(503, "rejected"),
                             attempt(204)};
  ASSERT_TRUE(outbox->postpone(*due(), kStart, attempts[0]));
  crash();
  ASSERT_TRUE(outbox->postpone(*due(), kStart, attempts[1]));
  ASSERT_TRUE(outbox->finish(*due(), JobEnd::done, kStart, attempts[2]));
  EXPECT_EQ(outbox->attempts("event-1", kBackend).value(), attempts);
}

TEST_F(OutboxTest, BoundsTheAttemptsItKeepsOfAJobThatIsRetriedForEver) {
  store({job(1, "a", kCloud)}, 1);
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(outbox->postpone(*due(kStart, kCloud), kStart, attempt(500, "rejected")));
  }
  EXPECT_EQ(due(kStart, kCloud)->attempts, 150U);
  EXPECT_EQ(outbox->attempts("event-1", kCloud)->size(), 100U);
}

TEST_F(OutboxTest, BringsForwardOnlyWhatFailedForThatReason) {
  store({job(1, "a"), job(2, "b")}, 2);
  ASSERT_TRUE(outbox->postpone(*due(), kStart + seconds(100), attempt({}, "unreachable")));
  ASSERT_TRUE(outbox->postpone(*due(), kStart + seconds(100), attempt(500, "rejected")));
  ASSERT_TRUE(outbox->bring_forward(kBackend, "unreachable", kStart + seconds(1)));
  EXPECT_EQ(due_event(kStart + seconds(1)), "event-1");
  finish(JobEnd::done, kStart + seconds(1));
  EXPECT_EQ(due_event(kStart + seconds(1)), "");
}

TEST_F(OutboxTest, DoesNotWaitForATimeThatAWrongClockWrote) {
  store({job(1, "a"), job(2, "b")}, 2);
  ASSERT_TRUE(outbox->postpone(*due(), kStart + std::chrono::years(20), attempt({}, "stopped")));
  ASSERT_TRUE(outbox->postpone(*due(), kStart + std::chrono::hours(5), attempt({}, "stopped")));
  ASSERT_TRUE(outbox->forget_impossible_times(kStart, std::chrono::hours(24)));
  EXPECT_EQ(due_event(), "event-1");
  finish();
  EXPECT_EQ(outbox->next_time(kBackend).value(), kStart + std::chrono::hours(5));
}

TEST_F(OutboxTest, PrunesWhatWasDeliveredLongAgoAndNothingElse) {
  store({job(1, "a"), job(2, "b"), job(3, "c"), job(4, "d")}, 4);
  finish();              // 1: delivered
  finish(JobEnd::dead);  // 2
  finish();              // 3: delivered
  ASSERT_TRUE(outbox->prune(kStart, kStart, 100));
  EXPECT_EQ(outbox->attempts("event-1", kBackend)->size(), 1U);  // Not older than that.
  ASSERT_TRUE(outbox->prune(kStart + seconds(1), kStart, 1));
  EXPECT_EQ(outbox->attempts("event-1", kBackend)->size(), 0U);
  EXPECT_EQ(outbox->attempts("event-3", kBackend)->size(), 1U);  // Bounded.
  ASSERT_TRUE(outbox->prune(kStart + seconds(1), kStart, 100));
  EXPECT_EQ(outbox->attempts("event-3", kBackend)->size(), 0U);
  EXPECT_EQ(outbox->backlog(kBackend)->failed, 1U);
  EXPECT_EQ(due_event(), "event-4");
}

TEST_F(OutboxTest, TellsHowMuchIsOwedAndSinceWhen) {
  ASSERT_TRUE(outbox->store(std::vector{job(1, "a"), job(2, "a")}, 2, kStart, kStart));
  ASSERT_TRUE(outbox->store(std::vector{job(3, "b")}, 3, kStart + seconds(9), kStart));
  const auto backlog = outbox->backlog(kBackend).value();
  EXPECT_EQ(backlog.open, 3U);
  EXPECT_EQ(backlog.failed, 0U);
  EXPECT_EQ(backlog.oldest_open, kStart);
}

TEST_F(OutboxTest, LeavesAForeignOrNewerFileAlone) {
  outbox.reset();
  folder.write("text.db", std::string(4096, 'x'));
  EXPECT_EQ(Outbox::open(folder / "text.db").error().code(), Errc::storage_corrupt);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "newer.db").c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "PRAGMA user_version=9", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_EQ(Outbox::open(folder / "newer.db").error(), Error(Errc::bad_version, 9));
  EXPECT_EQ(Outbox::open(folder / "no/such/folder.db").error(),
            Error(Errc::storage_unwritable, ENOENT));
}

}  // namespace
}  // namespace passgate::sync::test
