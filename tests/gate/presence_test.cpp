// SPDX-License-Identifier: Apache-2.0
// Who is inside, as the journal counts it, and what two readers that move people
// at one moment may not both do.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
#include <thread>

#include "gate/journal.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

class Presence : public testing::Test {
 protected:
  Presence() : journal_(std::move(Journal::open({.path = path(), .vfs = {}}).value())) {}
  std::filesystem::path path() const { return dir_ / "journal.db"; }

  static TapRecord entry(std::uint64_t n, const std::string& pass_id, unsigned party = 1) {
    TapRecord record = tap(n, pass_id, 1);
    record.party = party;
    return record;
  }
  static TapRecord exit(std::uint64_t n, const std::string& pass_id, unsigned party = 1) {
    TapRecord record = tap(n, pass_id, {});
    record.decision = Decision::admit;
    record.reason = Reason::ok;
    record.direction = Direction::exit;
    record.party = party;
    return record;
  }
  static TapRecord undo(std::uint64_t n, const TapRecord& admission) {
    TapRecord record = admission;
    record.tap_id = tap_id(n);
    record.at = evening() + Milliseconds(n);
    record.kind = Kind::undo;
    record.decision = Decision::deny;
    record.use_no = {};
    record.refers = admission.tap_id;
    return record;
  }
  void record(const TapRecord& record, const Guard& guard = {}) {
    ASSERT_TRUE(journal_.record(record, std::nullopt, guard));
  }
  Errc refusal_of(const TapRecord& record, const Guard& guard) {
    const auto position = journal_.record(record, std::nullopt, guard);
    EXPECT_FALSE(position);
    return position ? Errc::rejected : position.error().code();
  }
  static Guard emptied(WallTime when) {
    return {.seen_until = {}, .capacity = {}, .emptied_at = when};
  }
  unsigned inside(std::optional<WallTime> emptied_at = {}) {
    return journal_.inside("north", emptied_at).value();
  }

  TempDir dir_;
  Journal journal_;
};

TEST_F(Presence, IsWhoCameInLessWhoWentOut) {
  record(entry(1, "a", 3));
  record(entry(2, "b"));
  EXPECT_EQ(inside(), 4U);
  record(exit(3, "a", 2));
  EXPECT_EQ(inside(), 2U);
  EXPECT_EQ(journal_.inside("south", {}).value(), 0U);
}

TEST_F(Presence, IsNeverBelowNobody) {
  record(exit(1, "a"));
  EXPECT_EQ(inside(), 0U);
  record(entry(2, "b"));
  EXPECT_EQ(inside(), 1U);
}

TEST_F(Presence, DoesNotCountWhoWasRefused) {
  record(tap(1, "a", {}));
  EXPECT_EQ(inside(), 0U);
}

TEST_F(Presence, OutlivesARestart) {
  record(entry(1, "a", 2));
  journal_ = std::move(Journal::open({.path = path(), .vfs = {}}).value());
  EXPECT_EQ(inside(), 2U);
}

TEST_F(Presence, BeginsAnewWhenTheZoneWasEmptied) {
  record(entry(1, "a", 5));
  const WallTime emptied_at = evening() + 1s;
  EXPECT_EQ(inside(emptied_at), 0U);
  TapRecord late = entry(2000, "b");
  record(late, {.seen_until = {}, .capacity = {}, .emptied_at = emptied_at});
  EXPECT_EQ(inside(emptied_at), 1U);
}

// In these the zone is emptied at four in the morning.
const WallTime kToday = evening() - 15h;

TEST_F(Presence, CountedByAClockAYearAheadEndsAtTheHourAfterItsCorrection) {
  TapRecord ahead = entry(1, "a", 3);
  ahead.at += days(365);
  record(ahead, emptied(kToday + days(365)));
  record(entry(2, "b"), emptied(kToday));
  EXPECT_EQ(inside(kToday), 4U) << "nobody has left";
  EXPECT_EQ(inside(kToday + days(1)), 0U);
  TapRecord tomorrow = entry(3, "c");
  tomorrow.at += days(1);
  record(tomorrow, emptied(kToday + days(1)));
  EXPECT_EQ(inside(kToday + days(1)), 1U);
}

TEST_F(Presence, CountedByAClockAYearAheadIsPutRightByARefusalToo) {
  TapRecord ahead = entry(1, "a", 3);
  ahead.at += days(365);
  record(ahead, emptied(kToday + days(365)));
  record(tap(2, "b", {}), emptied(kToday));  // A full zone admits nobody.
  EXPECT_EQ(inside(kToday), 3U);
  EXPECT_EQ(inside(kToday + days(1)), 0U);
}

TEST_F(Presence, LosesNobodyWhenTheClockIsSetBackAcrossTheEmptyingHour) {
  TapRecord early = entry(1, "a", 2);
  early.at = kToday + 10min;
  record(early, emptied(kToday));
  TapRecord back = entry(2, "b");
  back.at = kToday - 50min;
  record(back, emptied(kToday - days(1)));
  EXPECT_EQ(inside(kToday - days(1)), 3U);
  EXPECT_EQ(inside(kToday), 3U) << "the hour comes a second time";
  record(entry(3, "c"), emptied(kToday));
  EXPECT_EQ(inside(kToday), 4U);
}

TEST_F(Presence, LosesNobodyByAClockThatIsNotSet) {
  record(entry(1, "a", 2), emptied(kToday));
  TapRecord dateless = entry(2, "b");
  dateless.at = evening() - days(20'000);
  dateless.clock = ClockState::unset;
  record(dateless);
  EXPECT_EQ(inside(kToday), 3U);
  EXPECT_EQ(inside(kToday + days(1)), 0U);
}

TEST_F(Presence, ForgetsAnAdmissionThatIsUndone) {
  const TapRecord admission = entry(1, "a", 2);
  record(admission);
  record(entry(2, "b"));
  record(undo(3, admission));
  EXPECT_EQ(inside(), 1U);
}

TEST_F(Presence, OfTodayIsNotLoweredByUndoingAnAdmissionOfYesterday) {
  const TapRecord yesterday = entry(1, "a");
  record(yesterday);
  const Guard today{.seen_until = {}, .capacity = {}, .emptied_at = evening() + 1s};
  record(entry(2000, "b"), today);
  record(undo(2001, yesterday), today);
  EXPECT_EQ(inside(today.emptied_at), 1U);
}

TEST_F(Presence, IsNotLoweredTwiceWhenTheGuestHadLeftAlready) {
  const TapRecord admission = entry(1, "a");
  record(admission);
  record(entry(2, "b"));
  record(exit(3, "a"));
  record(undo(4, admission));
  EXPECT_EQ(inside(), 1U) << "b is still there";
}

TEST_F(Presence, RisesWhenAnExitIsUndone) {
  record(entry(1, "a"));
  const TapRecord left = exit(2, "a");
  record(left);
  record(undo(3, left));
  EXPECT_EQ(inside(), 1U);
}

TEST_F(Presence, NothingIsWrittenBeyondTheCapacity) {
  const Guard full{.seen_until = {}, .capacity = 3, .emptied_at = {}};
  record(entry(1, "a", 2), full);
  EXPECT_EQ(refusal_of(entry(2, "b", 2), full), Errc::use_taken);
  EXPECT_EQ(inside(), 2U);
  EXPECT_EQ(journal_.last_position(), 1U);
  EXPECT_EQ(history_in(journal_, kTemplate, "b")->uses, 0U);
  record(entry(3, "c"), full);
  record(exit(4, "a"), {.seen_until = {}, .capacity = 1, .emptied_at = {}});
  EXPECT_EQ(inside(), 2U) << "who leaves needs no room";
}

TEST_F(Presence, ADecisionIsNotWrittenWhenThePassHasMovedSince) {
  record(entry(1, "a"));
  const auto seen_until = history_in(journal_, kTemplate, "a")->seen_until;
  record(tap(2, "a", {}));  // A refusal moves nobody.
  record(exit(3, "a"), {.seen_until = seen_until, .capacity = {}, .emptied_at = {}});
  EXPECT_EQ(refusal_of(exit(4, "a"), {.seen_until = seen_until, .capacity = {}, .emptied_at = {}}),
            Errc::use_taken);
  record(exit(5, "b"), {.seen_until = 0, .capacity = {}, .emptied_at = {}});
}

/// Both readers have decided before either records. @return How many wrote theirs.
int race(Journal& journal, const std::function<TapRecord(std::uint64_t)>& record_of,
         const Guard& guard, int rounds) {
  std::atomic<int> written = 0;
  std::barrier<> decided(2);
  const auto reader = [&](std::uint64_t number) {
    for (int round = 0; round < rounds; ++round) {
      decided.arrive_and_wait();
      const auto n = 2 * static_cast<std::uint64_t>(round) + number;
      const auto position = journal.record(record_of(n), std::nullopt, guard);
      if (position) ++written;
      EXPECT_TRUE(position || position.error().code() == Errc::use_taken);
    }
  };
  {
    const std::jthread north(reader, 100), south(reader, 101);
  }
  return written;
}

TEST_F(Presence, TwoReadersDoNotLetOneGuestComeBackTwice) {
  for (std::uint64_t n = 0; n < 100; ++n) {
    const std::string pass_id = "p" + std::to_string(n);
    record(entry(10'000 + 10 * n, pass_id));
    record(exit(10'001 + 10 * n, pass_id));
    const auto seen_until = history_in(journal_, kTemplate, pass_id)->seen_until;
    const auto back = [&](std::uint64_t reader) {
      TapRecord record = entry(10'002 + 10 * n + (reader - 100), pass_id);
      record.use_no = {};
      return record;
    };
    EXPECT_EQ(race(journal_, back, {.seen_until = seen_until, .capacity = {}, .emptied_at = {}}, 1),
              1);
    EXPECT_EQ(history_in(journal_, kTemplate, pass_id)->inside, 1U);
  }
}

TEST_F(Presence, TwoReadersDoNotBothTakeTheLastPlace) {
  const auto guest = [](std::uint64_t n) { return entry(n, "p" + std::to_string(n)); };
  const Guard hall{.seen_until = {}, .capacity = 150, .emptied_at = {}};
  EXPECT_EQ(race(journal_, guest, hall, 100), 150);
  EXPECT_EQ(inside(), 150U);
  EXPECT_EQ(journal_.last_position(), 150U);
}

TEST_F(Presence, TellsOfMovementsAtOtherTerminalsUntilTheyAreOld) {
  TapRecord old = entry(1, "a");
  old.terminal = "gate-b";
  old.at = evening() - days(500);
  TapRecord dateless = entry(2, "a");
  dateless.terminal = "gate-c";
  dateless.at = evening() - days(20'000);
  dateless.clock = ClockState::unset;
  TapRecord fresh = entry(3, "a");
  fresh.terminal = "gate-b";
  ASSERT_EQ(journal_.add_peers(std::vector{old, dateless, fresh}), 3U);
  EXPECT_EQ(history_in(journal_, kTemplate, "a")->uses, 3U);
  ASSERT_TRUE(journal_.housekeep(evening(), days(400)));
  EXPECT_EQ(history_in(journal_, kTemplate, "a")->uses, 2U)
      << "a use by a clock that was not set has no age";
  EXPECT_EQ(inside(), 0U) << "presence is this terminal's";
}

}  // namespace
}  // namespace passgate::gate
