// SPDX-License-Identifier: Apache-2.0
// Two readers, one pass, the same moment: the one sentence a gate may not get
// wrong is "admitted exactly once".
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "gate/journal.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

struct Tally {
  std::atomic<int> admitted = 0;
  std::atomic<int> conflicts = 0;  ///< "Use taken, decide again".
  std::atomic<int> failures = 0;
};

/// The tap as the daemon does it: decide, record, and decide again on a conflict.
/// Both readers have decided before either records: the worst moment, each time.
bool present(Journal& journal, std::uint64_t n, const std::string& pass_id,
             const PassPolicy& policy, std::barrier<>& decided, Tally& tally) {
  Belief no_provider;
  no_provider.knowledge = Belief::Knowledge::no_provider;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const auto history = history_in(journal, kTemplate, pass_id);
    if (attempt == 0) decided.arrive_and_wait();
    if (!history) break;
    const Verdict verdict = decide(policy, {}, no_provider, *history);
    const auto position = journal.record(tap(n, pass_id, verdict.use_no), std::nullopt);
    if (position) return verdict.decision == Decision::admit;
    if (position.error().code() != Errc::use_taken) break;
    ++tally.conflicts;
  }
  ++tally.failures;
  return false;
}

/// `passes` passes, each presented at both readers at once. @return How often
/// each was admitted.
std::vector<int> race(Journal& journal, int passes, const PassPolicy& policy, Tally& tally) {
  std::vector<std::atomic<int>> admitted(static_cast<std::size_t>(passes));
  std::barrier<> decided(2);
  const auto reader = [&](std::uint64_t number) {
    for (std::size_t i = 0; i < admitted.size(); ++i) {
      const std::uint64_t n = 2 * i + number;
      const std::string pass_id = "pass-" + std::to_string(i);
      admitted[i] += present(journal, n, pass_id, policy, decided, tally) ? 1 : 0;
    }
  };
  {
    const std::jthread north(reader, 1), south(reader, 2);
  }
  return {admitted.begin(), admitted.end()};
}

TEST(TwoReaders, AdmitEachOfAThousandPassesExactlyOnce) {
  const TempDir dir;
  auto journal = Journal::open({.path = dir / "journal.db", .vfs = {}});
  ASSERT_TRUE(journal);
  Tally tally;
  const auto admitted = race(*journal, 1000, {}, tally);
  for (std::size_t i = 0; i < admitted.size(); ++i) EXPECT_EQ(admitted[i], 1) << "pass " << i;
  EXPECT_EQ(tally.conflicts, 1000);
  EXPECT_EQ(tally.failures, 0);
  EXPECT_EQ(journal->last_position(), 2000U);  // every refusal is on record, too
}

TEST(TwoReaders, ShareTheUsesOfAReusablePassWithoutALoss) {
  const TempDir dir;
  auto journal = Journal::open({.path = dir / "journal.db", .vfs = {}});
  ASSERT_TRUE(journal);
  PassPolicy reusable;
  reusable.uses.reset();
  Tally tally;
  const auto admitted = race(*journal, 200, reusable, tally);
  for (std::size_t i = 0; i < admitted.size(); ++i) {
    EXPECT_EQ(admitted[i], 2) << "pass " << i;
    EXPECT_EQ(history_in(*journal, kTemplate, "pass-" + std::to_string(i))->uses, 2U);
  }
  EXPECT_EQ(tally.failures, 0);
}

TEST(TwoReaders, AndHousekeepingAndTheStreamDoNotGetInEachOthersWay) {
  const TempDir dir;
  auto journal = Journal::open({.path = dir / "journal.db", .vfs = {}});
  ASSERT_TRUE(journal);
  Tally tally;
  std::atomic<bool> done = false;
  std::atomic<int> gaps = 0;
  std::jthread stream([&] {
    std::uint64_t cursor = 0;
    while (!done || cursor < 400) {
      const auto page = journal->read_after(cursor, 64);
      if (!page) break;
      for (const auto& record : *page) {
        if (record.position != cursor + 1) ++gaps;
        cursor = record.position;
      }
      if (!journal->acknowledge(cursor) || !journal->housekeep(evening(), std::chrono::days(1))) {
        ++gaps;
      }
    }
  });
  race(*journal, 200, {}, tally);
  done = true;
  stream.join();
  EXPECT_EQ(gaps, 0);
  EXPECT_EQ(tally.failures, 0);
  EXPECT_EQ(journal->acknowledged(), 400U);
}

}  // namespace
}  // namespace passgate::gate
