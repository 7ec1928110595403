// SPDX-License-Identifier: Apache-2.0
// Full, broken and foreign disks: the gate denies, says why, and goes on as
// soon as it can.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "gate/journal.h"
#include "tests/gate/as_nobody.h"
#include "tests/gate/faulty_disk.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

class JournalFaults : public testing::Test {
 protected:
  Result<Journal> open() { return Journal::open({.path = path(), .vfs = {}}); }
  Result<Journal> open_on(const FaultyDisk& disk) {
    return Journal::open({.path = path(), .vfs = disk.vfs()});
  }
  Errc refusal() {
    const auto journal = open();
    EXPECT_FALSE(journal);
    return journal ? Errc::stopped : journal.error().code();
  }
  std::filesystem::path path() const { return dir_ / "journal.db"; }
  std::string content() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }
  /// A closed journal with this many taps.
  void fill(std::uint64_t taps) {
    auto journal = open();
    ASSERT_TRUE(journal);
    for (std::uint64_t n = 1; n <= taps; ++n) ASSERT_TRUE(journal->record(tap(n, "a", {}), {}));
  }

  TempDir dir_;
};

TEST_F(JournalFaults, DeniesOnAFullDiskAndAdmitsAgainWhenThereIsRoom) {
  FaultyDisk disk;
  auto journal = open_on(disk);
  ASSERT_TRUE(journal);
  disk.set_free_bytes(150'000);
  std::uint64_t n = 1;
  auto position = journal->record(tap(n, "p1", 1), Remember{digest(n), evening()});
  while (position && n < 1000) {
    ++n;
    position = journal->record(tap(n, "p" + std::to_string(n), 1), Remember{digest(n), evening()});
  }
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code(), Errc::storage_full);
  EXPECT_FALSE(journal->healthy());
  EXPECT_EQ(journal->last_position(), n - 1);
  EXPECT_EQ(history_in(*journal, kTemplate, "p" + std::to_string(n))->uses, 0U);
  EXPECT_EQ(history_in(*journal, kTemplate, "p1")->uses, 1U);

  disk.set_free_bytes(std::nullopt);
  EXPECT_EQ(journal->record(tap(n, "p" + std::to_string(n), 1), {}), n);
  EXPECT_TRUE(journal->healthy());
}

TEST_F(JournalFaults, GetsRoomOnAFullDiskFromHousekeeping) {
  FaultyDisk disk;
  auto journal = open_on(disk);
  ASSERT_TRUE(journal);
  for (std::uint64_t n = 1; n <= 30; ++n) ASSERT_TRUE(journal->record(tap(n, "a", {}), {}));
  disk.set_free_bytes(20'000);  // the database can take the taps, the log nothing more
  ASSERT_TRUE(journal->record(tap(31, "a", {}), {}));
  ASSERT_FALSE(journal->record(tap(32, "a", {}), {}));
  disk.set_free_bytes(16'384);
  EXPECT_TRUE(journal->housekeep(evening(), std::chrono::days(400)));
  EXPECT_TRUE(journal->record(tap(32, "a", {}), {}));
}

TEST_F(JournalFaults, DeniesWhenWritingFailsAndRecovers) {
  FaultyDisk disk;
  auto journal = open_on(disk);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->record(tap(1, "a", 1), {}));
  for (const int code : {SQLITE_IOERR_WRITE, SQLITE_READONLY}) {
    disk.fail_writes_with(code);
    EXPECT_EQ(journal->record(tap(2, "b", 1), {}).error().code(), Errc::storage_unwritable);
    EXPECT_FALSE(journal->healthy());
    disk.fail_writes_with(SQLITE_OK);
  }
  EXPECT_EQ(journal->record(tap(2, "b", 1), {}), 2U);
  EXPECT_TRUE(journal->healthy());
}

// What was not synced was not shown: the guest is turned away and may come again.
TEST_F(JournalFaults, DoesNotTakeAnUnsyncedCommitForDone) {
  FaultyDisk disk;
  auto journal = open_on(disk);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->record(tap(1, "a", 1), {}));
  disk.fail_syncs_with(SQLITE_IOERR_FSYNC);
  EXPECT_EQ(journal->record(tap(2, "b", 1), {}).error().code(), Errc::storage_unwritable);
  EXPECT_EQ(history_in(*journal, kTemplate, "b")->uses, 0U);
  EXPECT_FALSE(journal->healthy());
  disk.fail_syncs_with(SQLITE_OK);
  EXPECT_EQ(journal->record(tap(3, "b", 1), {}), 2U);
  EXPECT_TRUE(journal->healthy());
}

TEST_F(JournalFaults, SyncsEveryTapOnceAndTheEffectNever) {
  FaultyDisk disk;
  auto journal = open_on(disk);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->record(tap(1, "p1", 1), {}));  // begins the log: one sync more
  for (std::uint64_t n = 2; n <= 20; ++n) {
    const auto before = disk.log_syncs();
    ASSERT_TRUE(journal->record(tap(n, "p" + std::to_string(n), 1), {}));
    EXPECT_EQ(disk.log_syncs(), before + 1) << n;
    ASSERT_TRUE(journal->mark_effected(tap_id(n)));
    ASSERT_TRUE(journal->mark_effected(tap_id(n / 2)));
    EXPECT_EQ(disk.log_syncs(), before + 1) << n;
  }
}

TEST_F(JournalFaults, SyncsAnAcknowledgementWithTheNextRecord) {
  FaultyDisk disk;
  auto journal = open_on(disk);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->record(tap(1, "a", 1), {}));
  ASSERT_TRUE(journal->mark_effected(tap_id(1)));
  const auto before = disk.log_syncs();
  ASSERT_TRUE(journal->acknowledge(1));
  EXPECT_EQ(disk.log_syncs(), before);
  ASSERT_TRUE(journal->record(tap(2, "b", 1), {}));
  EXPECT_EQ(disk.log_syncs(), before + 1);
  EXPECT_EQ(journal->acknowledged().value(), 1U);
}

TEST_F(JournalFaults, RefusesAFileThatIsNoDatabaseAndLeavesIt) {
  const std::string garbage(10'000, 'x');
  write(garbage);
  EXPECT_EQ(refusal(), Errc::storage_corrupt);
  EXPECT_EQ(content(), garbage);
}

// Even what another program left in its log is not moved into its file.
TEST_F(JournalFaults, RefusesADatabaseOfAnotherProgramAndLeavesIt) {
  const pid_t child = ::fork();
  if (child == 0) {
    SQLite::Database foreign(path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    foreign.exec("PRAGMA user_version=1; PRAGMA journal_mode=WAL; CREATE TABLE taps(position)");
    ::_exit(0);  // nothing is closed
  }
  ::waitpid(child, nullptr, 0);
  const std::string before = content();
  EXPECT_EQ(refusal(), Errc::storage_corrupt);
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(std::filesystem::exists(path().string() + "-wal"));
}

TEST_F(JournalFaults, RefusesAJournalOfANewerVersionAndLeavesIt) {
  fill(3);
  {
    SQLite::Database newer(path().string(), SQLite::OPEN_READWRITE);
    newer.exec("PRAGMA user_version=99");
  }
  const std::string before = content();
  const auto journal = open();
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code(), Errc::bad_version);
  EXPECT_EQ(journal.error().detail(), 99);
  EXPECT_EQ(content(), before);
}

TEST_F(JournalFaults, RefusesATruncatedJournalAndLeavesIt) {
  fill(200);
  const std::string whole = content();
  for (const std::size_t size : {whole.size() / 2, whole.size() - 4096, std::size_t{4096}}) {
    write(whole.substr(0, size));
    EXPECT_EQ(refusal(), Errc::storage_corrupt) << size;
    EXPECT_EQ(content().size(), size);
  }
}

TEST_F(JournalFaults, RefusesAJournalWithADamagedPage) {
  fill(200);
  const std::string whole = content();
  for (std::size_t page = 1; page < whole.size() / 4096; ++page) {
    std::string damaged = whole;
    damaged.replace(page * 4096, 4096, std::string(4096, '\xA5'));
    write(damaged);
    EXPECT_EQ(refusal(), Errc::storage_corrupt) << "page " << page + 1;
  }
}

TEST_F(JournalFaults, RefusesALargeJournalWhoseNewestRecordsAreDamaged) {
  {
    auto journal = open();
    ASSERT_TRUE(journal);
    for (std::uint64_t n = 1; n <= 12; ++n) {
      TapRecord record = tap(n, "a", {});
      record.terminal.assign(1'000'000, 't');
      ASSERT_TRUE(journal->record(record, {}));
    }
  }
  ASSERT_TRUE(open());
  std::string damaged = content();
  ASSERT_GT(damaged.size(), 8U << 20U);
  const auto at = damaged.find(tap_id(12).text());
  damaged.replace(at / 4096 * 4096, 4096, std::string(4096, '\xA5'));
  write(damaged);
  EXPECT_EQ(refusal(), Errc::storage_corrupt);
}

TEST_F(JournalFaults, ReportsAPlaceWhereNoJournalCanBe) {
  const auto refused = [](const std::filesystem::path& place) {
    return Journal::open({.path = place, .vfs = {}}).error().code();
  };
  EXPECT_EQ(refused(dir_ / "absent/journal.db"), Errc::storage_unwritable);
  EXPECT_EQ(refused(dir_.path()), Errc::storage_unwritable);
  write("a file");
  EXPECT_EQ(refused(dir_ / "journal.db/journal.db"), Errc::storage_unwritable);
  EXPECT_EQ(refused("/proc/journal.db"), Errc::storage_unwritable);
}

TEST_F(JournalFaults, ReportsADirectoryWithoutWritePermission) {
  namespace fs = std::filesystem;
  fs::permissions(dir_.path(), fs::perms(0555));
  EXPECT_EQ(as_nobody([&] { return refusal() == Errc::storage_unwritable ? 0 : 1; }), 0);
  fs::permissions(dir_.path(), fs::perms(0755));
}

TEST_F(JournalFaults, ReportsAJournalItMayOnlyRead) {
  namespace fs = std::filesystem;
  fill(1);
  fs::permissions(path(), fs::perms(0444));
  fs::permissions(dir_.path(), fs::perms(0777));
  EXPECT_EQ(as_nobody([&] { return refusal() == Errc::storage_unwritable ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace passgate::gate
