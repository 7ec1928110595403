// SPDX-License-Identifier: Apache-2.0
#include "gate/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gate/journal_store.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class JournalTest : public testing::Test {
 protected:
  Journal open() {
    auto journal = Journal::open({.path = path(), .vfs = {}});
    EXPECT_TRUE(journal) << name(journal.error().code());
    return std::move(*journal);
  }
  std::filesystem::path path() const { return dir_ / "journal.db"; }

  TempDir dir_;
};

std::vector<std::uint64_t> positions(const Result<std::vector<TapRecord>>& records) {
  std::vector<std::uint64_t> positions;
  for (const auto& record : records.value()) positions.push_back(record.position);
  return positions;
}

TEST_F(JournalTest, StartsEmpty) {
  Journal journal = open();
  EXPECT_EQ(journal.last_position(), 0U);
  EXPECT_EQ(journal.acknowledged(), 0U);
  EXPECT_THAT(journal.read_after(0, 10).value(), testing::IsEmpty());
  EXPECT_THAT(journal.newest(10).value(), testing::IsEmpty());
  EXPECT_EQ(history_in(journal, kTemplate, "a")->uses, 0U);
  EXPECT_FALSE(history_in(journal, kTemplate, "a")->first_use);
  EXPECT_TRUE(journal.healthy());
}

TEST_F(JournalTest, KeepsEveryFieldOfATapOverARestart) {
  TapRecord first = tap(1, "838b8cf60dac2bfad9", 1);
  TapRecord second = tap(2, "", std::nullopt);
  second.at = WallTime(Milliseconds(-1));
  second.monotonic_ns = INT64_MAX;
  second.clock = ClockState::unset;
  second.direction = Direction::exit;
  second.wallet = Wallet::google;
  second.object_id = "21c94a5101e25eaa";
  second.decision = Decision::read;
  second.reason = Reason::remote_unavailable;
  second.provider = "";
  second.effected = true;
  second.pass = std::string("a\0b'\"", 5);
  {
    Journal journal = open();
    EXPECT_EQ(journal.record(first, std::nullopt), 1U);
    EXPECT_EQ(journal.record(second, std::nullopt), 2U);
  }
  first.position = 1;
  second.position = 2;
  EXPECT_THAT(open().read_after(0, 10).value(), ElementsAre(first, second));
}

/// What step 4 of the schema made, taken away again.
constexpr const char* kWithoutStep4 =
    "DROP INDEX movements; DROP INDEX acts; DROP TABLE peer_taps; DROP TABLE presence;"
    "ALTER TABLE taps DROP COLUMN kind; ALTER TABLE taps DROP COLUMN clock_error_ms;"
    "ALTER TABLE taps DROP COLUMN party; ALTER TABLE taps DROP COLUMN flag;"
    "ALTER TABLE taps DROP COLUMN refers; ALTER TABLE taps DROP COLUMN operator;"
    "ALTER TABLE taps DROP COLUMN why; ALTER TABLE taps DROP COLUMN needed;"
    "ALTER TABLE taps DROP COLUMN conflict; ALTER TABLE taps DROP COLUMN against;"
    "ALTER TABLE taps DROP COLUMN order_certain;"
    "DROP TABLE unsettled; DELETE FROM meta WHERE name = 'revocations';";

/// Of a visitor whom another terminal admitted once and then refused again and again.
std::vector<TapRecord> admitted_once_elsewhere(std::size_t refusals) {
  std::vector<TapRecord> records{tap(1, "a", 1)};
  for (std::size_t n = 0; n < refusals; ++n) records.push_back(tap(n + 2, "a", {}));
  for (TapRecord& record : records) record.terminal = "gate-b2";
  return records;
}

TEST_F(JournalTest, NoNumberOfRefusalsPushesAnAdmissionOut) {
  Journal journal = open();
  ASSERT_TRUE(journal.add_peers(admitted_once_elsewhere(Journal::kMostMovements)));
  EXPECT_EQ(history_in(journal, kTemplate, "a")->uses, 1U);
  const auto all = journal.all_of(kTemplate, "a");
  ASSERT_TRUE(all);
  EXPECT_EQ(std::ranges::count(all->peers, Decision::admit, &TapRecord::decision), 1);
  EXPECT_GT(all->peers.size(), 1000U) << "the refusals are there as well";
}

TEST_F(JournalTest, FindsWhatOthersAdmittedByItsOwnIndex) {
  {
    Journal journal = open();
  }
  SQLite::Database database(path());
  SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + select_peers(true));
  ASSERT_TRUE(plan.executeStep());
  EXPECT_THAT(plan.getColumn(3).getString(), testing::HasSubstr("USING INDEX peer_movements"));
}

TEST_F(JournalTest, TakesOverTheFileOfTheFifthVersion) {
  auto others = admitted_once_elsewhere(1);
  TapRecord undo = others.back();
  undo.tap_id = tap_id(99);
  undo.pass_id = "b";
  undo.kind = Kind::undo;
  others.push_back(undo);
  ASSERT_TRUE(open().add_peers(others));
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(
        "DROP INDEX peer_movements; ALTER TABLE peer_taps DROP COLUMN moved;"
        "CREATE INDEX peer_taps_by_pass ON peer_taps(pass_template, pass_id);"
        "PRAGMA user_version = 5");
  }
  Journal journal = open();
  EXPECT_EQ(history_in(journal, kTemplate, "a")->uses, 1U);
  SQLite::Database database(path());
  EXPECT_TRUE(
      SQLite::Statement(database, "SELECT 1 FROM sqlite_schema WHERE name = 'peer_movements'")
          .executeStep());
}

TEST_F(JournalTest, TakesOverTheFileOfTheVersionBefore) {
  {
    Journal journal = open();
    for (std::uint64_t n = 1; n <= 3; ++n) {
      ASSERT_TRUE(journal.record(tap(n, n == 2 ? "b" : "a", {}), std::nullopt));
    }
  }
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(std::string(kWithoutStep4) + "DROP INDEX taps_by_pass; PRAGMA user_version = 2");
  }
  EXPECT_THAT(positions(open().taps_of(kTemplate, "a", 10)), ElementsAre(3, 1));
  SQLite::Database database(path());
  SQLite::Statement plan(database,
                         "EXPLAIN QUERY PLAN SELECT reader FROM taps WHERE pass_template = 'a'"
                         " AND pass_id = 'b' ORDER BY position DESC LIMIT 1");
  ASSERT_TRUE(plan.executeStep());
  EXPECT_THAT(plan.getColumn(3).getString(), testing::HasSubstr("USING INDEX taps_by_pass"));
  EXPECT_FALSE(plan.executeStep()) << "nothing is sorted";
}

TEST_F(JournalTest, TakesOverTheFileOfTheThirdVersionWithAllThatIsInIt) {
  TapRecord used = tap(1, "838b8cf60dac2bfad9", 1);
  used.object_id = "21c94a5101e25eaa";
  const TapRecord refused = tap(2, "838b8cf60dac2bfad9", {});
  {
    Journal journal = open();
    used.position = journal.record(used, Remember{digest(1), evening() + 1h}).value();
    ASSERT_TRUE(journal.record(refused, std::nullopt));
    ASSERT_TRUE(journal.mark_effected(used.tap_id));
    ASSERT_TRUE(journal.acknowledge(1));
  }
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(std::string(kWithoutStep4) + "PRAGMA user_version = 3");
  }
  used.effected = true;
  Journal journal = open();
  EXPECT_EQ(journal.read_after(0, 1).value().at(0), used);
  EXPECT_EQ(journal.last_position(), 2U);
  EXPECT_EQ(journal.acknowledged(), 1U);
  EXPECT_TRUE(journal.seen(digest(1), evening()).value());
  EXPECT_EQ(history_in(journal, kTemplate, "838b8cf60dac2bfad9")->uses, 1U);
  EXPECT_EQ(history_in(journal, kTemplate, "838b8cf60dac2bfad9")->last_use_no, 1U);
  EXPECT_EQ(journal.record(tap(3, "838b8cf60dac2bfad9", 1), std::nullopt).error().code(),
            Errc::use_taken);
  EXPECT_EQ(journal.inside("north", {}), 0U) << "nobody had counted before";
  EXPECT_EQ(journal.record(tap(4, "b", 1), std::nullopt), 3U);
  EXPECT_EQ(journal.inside("north", {}), 1U);
}

TEST_F(JournalTest, TakesOverTheFileOfTheFirstVersion) {
  TapRecord old = tap(1, "838b8cf60dac2bfad9", 1);
  EXPECT_EQ(open().record(old, std::nullopt), 1U);
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(std::string(kWithoutStep4) +
                  "DROP INDEX taps_by_pass; ALTER TABLE taps DROP COLUMN object_id;"
                  "PRAGMA user_version = 1");
  }
  old.position = 1;
  Journal journal = open();
  EXPECT_THAT(journal.read_after(0, 10).value(), ElementsAre(old));
  EXPECT_EQ(history_in(journal, kTemplate, "838b8cf60dac2bfad9")->uses, 1U);
  TapRecord with_object = tap(2, "b", 1);
  with_object.object_id = "21c94a5101e25eaa";
  EXPECT_EQ(journal.record(with_object, std::nullopt), 2U);
  EXPECT_EQ(journal.read_after(1, 1).value().at(0).object_id, "21c94a5101e25eaa");
}

TEST_F(JournalTest, IsAFileOfItsOwnerAlone) {
  const auto before = ::umask(0);
  open();
  ::umask(before);
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(JournalTest, TellsHowOftenAPassWasUsedAndWhereFirst) {
  Journal journal = open();
  TapRecord first = tap(1, "a", 1);
  first.reader = "south-2";
  ASSERT_TRUE(journal.record(first, std::nullopt));
  ASSERT_TRUE(journal.record(tap(2, "a", 2), std::nullopt));
  ASSERT_TRUE(journal.record(tap(3, "a", std::nullopt), std::nullopt));
  ASSERT_TRUE(journal.record(tap(4, "b", 1), std::nullopt));
  const History history = history_in(journal, kTemplate, "a").value();
  EXPECT_EQ(history.uses, 2U);
  EXPECT_EQ(history.first_use, first.at);
  EXPECT_EQ(history.first_reader, "south-2");
  EXPECT_EQ(history_in(journal, "ptk_other", "a")->uses, 0U);
}

// In a fleet use 1 may have been consumed elsewhere: the next is 3, not 2.
TEST_F(JournalTest, CountsUsesByTheirNumber) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", 2), std::nullopt));
  EXPECT_EQ(history_in(journal, kTemplate, "a")->uses, 2U);
}

TEST_F(JournalTest, RefusesAUseThatIsTakenAndWritesNothing) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", 1), std::nullopt));
  EXPECT_EQ(journal.record(tap(2, "a", 1), Remember{digest(2), evening() + 1h}),
            fail(Errc::use_taken));
  EXPECT_TRUE(journal.healthy());
  EXPECT_EQ(journal.seen(digest(2), evening()), false);
  EXPECT_EQ(journal.record(tap(2, "a", 2), std::nullopt), 2U);
}

TEST_F(JournalTest, RefusesToTellATapTwice) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", 1), std::nullopt));
  EXPECT_EQ(journal.record(tap(1, "b", 1), std::nullopt).error().code(), Errc::bad_value);
  EXPECT_EQ(history_in(journal, kTemplate, "b")->uses, 0U);
  EXPECT_TRUE(journal.healthy());
}

TEST_F(JournalTest, RemembersACryptogramUntilItsTime) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", 1), Remember{digest(1), evening() + 20min}));
  EXPECT_EQ(journal.seen(digest(1), evening()), true);
  EXPECT_EQ(journal.seen(digest(1), evening() + 20min - 1ms), true);
  EXPECT_EQ(journal.seen(digest(1), evening() + 20min), false);
  EXPECT_EQ(journal.seen(digest(2), evening()), false);
}

TEST_F(JournalTest, RemembersAReplayedCryptogramForTheLongerTime) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", 1), Remember{digest(1), evening() + 20min}));
  ASSERT_TRUE(journal.record(tap(2, "a", std::nullopt), Remember{digest(1), evening() + 1min}));
  EXPECT_EQ(journal.seen(digest(1), evening() + 10min), true);
  ASSERT_TRUE(journal.record(tap(3, "a", std::nullopt), Remember{digest(1), evening() + 40min}));
  EXPECT_EQ(journal.seen(digest(1), evening() + 30min), true);
}

TEST_F(JournalTest, NotesWhichTapsTookEffect) {
  {
    Journal journal = open();
    ASSERT_TRUE(journal.record(tap(1, "a", 1), std::nullopt));
    ASSERT_TRUE(journal.record(tap(2, "b", 1), std::nullopt));
    EXPECT_TRUE(journal.mark_effected(tap_id(2)));
    EXPECT_TRUE(journal.mark_effected(tap_id(2)));
    EXPECT_EQ(journal.mark_effected(tap_id(3)), fail(Errc::bad_value, 0));
  }
  const auto records = open().read_after(0, 10).value();
  EXPECT_FALSE(records.at(0).effected);
  EXPECT_TRUE(records.at(1).effected);
}

TEST_F(JournalTest, IsReadInPagesFromEitherEnd) {
  Journal journal = open();
  for (std::uint64_t n = 1; n <= 7; ++n) ASSERT_TRUE(journal.record(tap(n, "a", {}), {}));
  EXPECT_THAT(positions(journal.read_after(0, 3)), ElementsAre(1, 2, 3));
  EXPECT_THAT(positions(journal.read_after(3, 3)), ElementsAre(4, 5, 6));
  EXPECT_THAT(positions(journal.read_after(6, 3)), ElementsAre(7));
  EXPECT_THAT(positions(journal.read_after(7, 3)), ElementsAre());
  EXPECT_THAT(positions(journal.read_after(UINT64_MAX, 3)), ElementsAre());
  EXPECT_THAT(positions(journal.read_after(5, SIZE_MAX)), ElementsAre(6, 7));
  EXPECT_THAT(positions(journal.read_after(0, 0)), ElementsAre());
  EXPECT_THAT(positions(journal.newest(2)), ElementsAre(6, 7));
  EXPECT_THAT(positions(journal.newest(100)), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(JournalTest, TellsTheStoryOfOnePassNewestFirst) {
  Journal journal = open();
  for (std::uint64_t n = 1; n <= 6; ++n) {
    TapRecord record = tap(n, n % 2 == 0 ? "even" : "odd", {});
    if (n == 6) record.pass_template = "another";
    ASSERT_TRUE(journal.record(record, std::nullopt));
  }
  EXPECT_THAT(positions(journal.taps_of(kTemplate, "even", 10)), ElementsAre(4, 2));
  EXPECT_THAT(positions(journal.taps_of(kTemplate, "odd", 2)), ElementsAre(5, 3));
  EXPECT_THAT(positions(journal.taps_of("another", "even", 10)), ElementsAre(6));
  EXPECT_THAT(positions(journal.taps_of(kTemplate, "", 10)), testing::IsEmpty());
}

TEST_F(JournalTest, NeverTakesAnAcknowledgementBack) {
  {
    Journal journal = open();
    for (std::uint64_t n = 1; n <= 5; ++n) ASSERT_TRUE(journal.record(tap(n, "a", {}), {}));
    EXPECT_TRUE(journal.acknowledge(3));
    EXPECT_TRUE(journal.acknowledge(2));
    EXPECT_EQ(journal.acknowledged(), 3U);
  }
  EXPECT_EQ(open().acknowledged(), 3U);
}

TEST_F(JournalTest, TakesNoAcknowledgementForWhatIsStillToCome) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", {}), {}));
  EXPECT_TRUE(journal.acknowledge(UINT64_MAX));
  EXPECT_EQ(journal.acknowledged(), 1U);
}

TEST_F(JournalTest, CanBeReadByAnotherToolWhileItIsOpen) {
  Journal journal = open();
  ASSERT_TRUE(journal.record(tap(1, "a", 1), {}));
  SQLite::Database tool(path().string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(tool.execAndGet("SELECT decision || ' ' || reason FROM taps").getString(), "admit ok");
  EXPECT_EQ(tool.execAndGet("PRAGMA journal_mode").getString(), "wal");
}

TEST_F(JournalTest, AnswersBusyWhenAnotherToolKeepsTheWriteLockAndRecovers) {
  Journal journal = open();
  SQLite::Database tool(path().string(), SQLite::OPEN_READWRITE);
  tool.exec("BEGIN IMMEDIATE");
  EXPECT_EQ(journal.record(tap(1, "a", 1), {}).error().code(), Errc::storage_busy);
  EXPECT_FALSE(journal.healthy());
  tool.exec("ROLLBACK");
  EXPECT_EQ(journal.record(tap(1, "a", 1), {}), 1U);
  EXPECT_TRUE(journal.healthy());
}

}  // namespace
}  // namespace passgate::gate
