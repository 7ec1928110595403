// SPDX-License-Identifier: Apache-2.0
// Power is cut at random instants, writes that were not synced are lost, whole
// or in parts, and the gate goes on. What a guest was shown must hold.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "tests/gate/faulty_disk.h"
#include "tests/gate/season.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

constexpr int kCutsPerSeason = 3;

struct Campaign {
  Survival survival = Survival::none;
  int synchronous = 2;
  int seasons = 0;
};

struct Outcome {
  int cuts = 0;
  int broken_seasons = 0;
  std::string first;  ///< The first season that broke a promise, to run again.
};

std::uint64_t base_seed() {
  const char* given = std::getenv("PASSGATE_CRASH_SEED");
  return given == nullptr ? 20261120 : std::strtoull(given, nullptr, 10);
}

/// A season without a cut: how many instants there are to cut at.
std::uint64_t operations_of_a_season() {
  const TempDir dir;
  FaultyDisk disk;
  Season season(1);
  auto journal = Journal::open({.path = dir / "journal.db", .vfs = disk.vfs()});
  EXPECT_TRUE(journal && season.play(*journal));
  return disk.operations();
}

/// The check must not repair what the next cut is to find: it gets a copy.
std::vector<std::string> check_copy(const TempDir& dir, Season& season) {
  const auto copy = dir / "copy.db";
  for (const std::string suffix : {"", "-wal", "-shm", "-journal"}) {
    const auto from = (dir / "journal.db").string() + suffix;
    const auto to = copy.string() + suffix;
    std::filesystem::remove(to);
    if (suffix != "-shm" && std::filesystem::exists(from)) std::filesystem::copy(from, to);
  }
  return season.broken_promises(copy);
}

/// One season with a few cuts: @return what went wrong; adds to `cuts`.
std::vector<std::string> play(const Campaign& campaign, std::uint64_t seed,
                              std::uint64_t operations, int& cuts) {
  const TempDir dir;
  FaultyDisk disk;
  std::mt19937_64 random(seed);
  Season season(seed);
  for (int life = 0;; ++life) {
    // The first cut anywhere; the next ones soon, to hit recovery as well.
    const std::uint64_t reach = life == 0 ? operations : 60;
    if (life < kCutsPerSeason) disk.cut_power_at(1 + random() % reach);
    {
      auto journal = Journal::open(
          {.path = dir / "journal.db", .vfs = disk.vfs(), .synchronous = campaign.synchronous});
      if (!journal && !disk.dark()) return {"does not open again"};
      if (journal && season.play(*journal) && !disk.dark()) return season.miscounts(*journal);
      if (!disk.dark()) return {"a sound disk failed"};
    }
    ++cuts;
    disk.restore_power(campaign.survival, random);
    if (auto broken = check_copy(dir, season); !broken.empty()) return broken;
  }
}

Outcome run(const Campaign& campaign) {
  Outcome outcome;
  const std::uint64_t operations = operations_of_a_season();
  for (int i = 0; i < campaign.seasons; ++i) {
    const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
    const auto broken = play(campaign, seed, operations, outcome.cuts);
    if (broken.empty()) continue;
    if (outcome.broken_seasons++ == 0) {
      outcome.first = "PASSGATE_CRASH_SEED=" + std::to_string(seed) + ": " + broken.front();
    }
  }
  return outcome;
}

TEST(PowerCut, KeepsEveryShownAdmissionWhenAllUnsyncedWritesAreLost) {
  const Outcome outcome = run({.survival = Survival::none, .synchronous = 2, .seasons = 250});
  EXPECT_EQ(outcome.broken_seasons, 0) << outcome.first;
  EXPECT_GE(outcome.cuts, 500);
}

TEST(PowerCut, KeepsEveryShownAdmissionWhenTornWritesSurvive) {
  const Outcome outcome = run({.survival = Survival::some, .synchronous = 2, .seasons = 250});
  EXPECT_EQ(outcome.broken_seasons, 0) << outcome.first;
  EXPECT_GE(outcome.cuts, 500);
}

// The two that follow show that this test can fail: without the sync of each
// commit, the same campaign finds admissions that were shown and are gone.
TEST(PowerCut, WouldLoseAdmissionsWithSynchronousNormal) {
  const Outcome outcome = run({.survival = Survival::none, .synchronous = 1, .seasons = 20});
  EXPECT_GT(outcome.broken_seasons, 10);
  EXPECT_NE(outcome.first.find("lost: "), std::string::npos) << outcome.first;
}

TEST(PowerCut, WouldLoseAdmissionsWithSynchronousOff) {
  const Outcome outcome = run({.survival = Survival::some, .synchronous = 0, .seasons = 20});
  EXPECT_GT(outcome.broken_seasons, 10);
}

}  // namespace
}  // namespace passgate::gate
