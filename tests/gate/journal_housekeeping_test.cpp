// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gate/journal.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr days kKeep{400};

class JournalHousekeeping : public testing::Test {
 protected:
  JournalHousekeeping() : journal_(open()) {}

  Journal open() {
    auto journal = Journal::open({.path = path(), .vfs = {}});
    EXPECT_TRUE(journal);
    return std::move(*journal);
  }
  std::filesystem::path path() const { return dir_ / "journal.db"; }

  /// A use of pass "p<n>", so many days before this evening.
  void record(std::uint64_t n, days ago, ClockState clock = ClockState::synchronised) {
    TapRecord record = tap(n, "p" + std::to_string(n), 1);
    record.at = evening() - ago;
    record.clock = clock;
    ASSERT_TRUE(journal_.record(record, std::nullopt));
  }
  void housekeep() { ASSERT_TRUE(journal_.housekeep(evening(), kKeep)); }
  std::size_t kept() { return journal_.read_after(0, 100'000)->size(); }
  unsigned uses(std::uint64_t n) {
    return history_in(journal_, kTemplate, "p" + std::to_string(n))->uses;
  }

  TempDir dir_;
  Journal journal_;
};

TEST_F(JournalHousekeeping, DeletesWhatIsOldAndAcknowledged) {
  record(1, days(500));
  record(2, days(401));
  record(3, days(399));
  ASSERT_TRUE(journal_.acknowledge(3));
  housekeep();
  EXPECT_EQ(kept(), 1U);
  EXPECT_EQ(uses(1), 0U);
  EXPECT_EQ(uses(3), 1U);
}

TEST_F(JournalHousekeeping, KeepsWhatNobodyHasTakenOver) {
  record(1, days(500));
  record(2, days(500));
  ASSERT_TRUE(journal_.acknowledge(1));
  housekeep();
  EXPECT_EQ(kept(), 1U);
  EXPECT_EQ(uses(2), 1U);
}

TEST_F(JournalHousekeeping, NeverGivesAPositionAgain) {
  record(1, days(500));
  record(2, days(500));
  ASSERT_TRUE(journal_.acknowledge(2));
  housekeep();
  ASSERT_EQ(kept(), 0U);
  EXPECT_EQ(journal_.last_position(), 2U);
  EXPECT_EQ(journal_.record(tap(3, "x", 1), std::nullopt), 3U);
}

// 1970 is older than any keep_days: deleting by it would admit the pass again.
TEST_F(JournalHousekeeping, DoesNotBelieveTheTimeOfAnUnsetClock) {
  record(1, days(500));
  record(2, days(20'000), ClockState::unset);
  record(3, days(10));
  record(4, days(20'000), ClockState::unset);
  ASSERT_TRUE(journal_.acknowledge(4));
  housekeep();
  EXPECT_EQ(uses(1), 0U);
  EXPECT_EQ(uses(2), 1U);
  EXPECT_EQ(uses(4), 1U);
}

TEST_F(JournalHousekeeping, DeletesAnUndatedTapOnceALaterOneIsOld) {
  record(1, days(20'000), ClockState::unset);
  record(2, days(450));
  ASSERT_TRUE(journal_.acknowledge(2));
  housekeep();
  EXPECT_EQ(kept(), 0U);
}

TEST_F(JournalHousekeeping, KeepsCountingTheUsesOfAPassWhoseFirstUseIsDeleted) {
  TapRecord first = tap(1, "many", 1);
  first.at = evening() - days(500);
  ASSERT_TRUE(journal_.record(first, std::nullopt));
  ASSERT_TRUE(journal_.record(tap(2, "many", 2), std::nullopt));
  ASSERT_TRUE(journal_.acknowledge(2));
  housekeep();
  EXPECT_EQ(history_in(journal_, kTemplate, "many")->uses, 2U);
}

TEST_F(JournalHousekeeping, ForgetsCryptogramsThatAreNoLongerToBeRemembered) {
  ASSERT_TRUE(journal_.record(tap(1, "a", 1), Remember{digest(1), evening() - 1ms}));
  ASSERT_TRUE(journal_.record(tap(2, "b", 1), Remember{digest(2), evening() + 1ms}));
  housekeep();
  EXPECT_EQ(journal_.seen(digest(1), evening() - 1h), false);
  EXPECT_EQ(journal_.seen(digest(2), evening()), true);
}

TEST_F(JournalHousekeeping, WorksThroughAnyAmountInBoundedSteps) {
  for (std::uint64_t n = 1; n <= 2500; ++n) record(n, days(500));
  record(2501, days(1));
  ASSERT_TRUE(journal_.acknowledge(2501));
  housekeep();
  EXPECT_GT(kept(), 1U);
  for (int call = 0; call < 3; ++call) housekeep();
  EXPECT_EQ(kept(), 1U);
  // And from the top again, for what grows old later.
  ASSERT_TRUE(journal_.housekeep(evening() + days(500), kKeep));
  EXPECT_EQ(kept(), 0U);
}

TEST_F(JournalHousekeeping, GetsPastTapsThatAreNotToBeDeleted) {
  for (std::uint64_t n = 1; n <= 1100; ++n) record(n, days(-3000));  // by a clock that ran ahead
  for (std::uint64_t n = 1101; n <= 1200; ++n) record(n, days(500));
  ASSERT_TRUE(journal_.acknowledge(1200));
  for (int call = 0; call < 3; ++call) housekeep();
  EXPECT_EQ(kept(), 1100U);
}

TEST_F(JournalHousekeeping, GetsPastTapsWithoutAnyTime) {
  for (std::uint64_t n = 1; n <= 1100; ++n) record(n, days(20'000), ClockState::unset);
  for (std::uint64_t n = 1101; n <= 1150; ++n) record(n, days(500));
  ASSERT_TRUE(journal_.acknowledge(1150));
  for (int call = 0; call < 3; ++call) housekeep();
  EXPECT_EQ(uses(1101), 0U);
}

TEST_F(JournalHousekeeping, LeavesNoPassIdBehindInTheFile) {
  TapRecord old = tap(1, "deleted-pass-id", 1);
  old.at = evening() - days(500);
  ASSERT_TRUE(journal_.record(old, std::nullopt));
  ASSERT_TRUE(journal_.acknowledge(1));
  const auto content = [&] {
    std::ifstream in(path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  housekeep();  // into the file …
  ASSERT_NE(content().find("deleted-pass-id"), std::string::npos);
  housekeep();  // … and out of it
  EXPECT_EQ(content().find("deleted-pass-id"), std::string::npos);
}

TEST_F(JournalHousekeeping, MovesTheLogSoThatItDoesNotGrow) {
  const auto log = path().string() + "-wal";
  record(1, days(1));
  housekeep();
  const auto size = std::filesystem::file_size(log);
  for (std::uint64_t n = 2; n <= 50; ++n) {
    record(n, days(1));
    housekeep();
  }
  EXPECT_LE(std::filesystem::file_size(log), 2 * size);
}

TEST(JournalWithoutHousekeeping, StillBoundsItsLog) {
  const TempDir dir(Medium::disk);
  auto journal = Journal::open({.path = dir / "journal.db", .vfs = {}});
  ASSERT_TRUE(journal);
  const std::string megabytes(2'000'000, 't');  // far beyond any tap, to fill the log quickly
  for (std::uint64_t n = 1; n <= 45; ++n) {
    TapRecord record = tap(n, "a", std::nullopt);
    record.terminal = megabytes;
    ASSERT_TRUE(journal->record(record, std::nullopt));
  }
  EXPECT_LT(std::filesystem::file_size(dir / "journal.db-wal"), 72'000'000U);
}

}  // namespace
}  // namespace passgate::gate
