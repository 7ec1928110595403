// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <chrono>

#include "tests/gate/simulated_terminal.h"
#include "tests/rig/property.h"

// Whatever becomes of a terminal's clock, who looks at a true one finds nothing wrong.
namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

/// An entry as it really was.
struct TrueEntry {
  WallTime at;
  TapRecord record;
  bool undone = false;
};

/// A terminal, and what an observer with a true clock and a good memory knows.
struct Observed {
  SimulatedTerminal gate{evening()};
  std::vector<TrueEntry> entries;
  unsigned inside = 0;

  const TrueEntry* last(bool with_use) const {
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (!entry->undone && (!with_use || entry->record.use_no)) return &*entry;
    }
    return nullptr;
  }
  unsigned uses() const {
    unsigned count = 0;
    for (const TrueEntry& entry : entries) {
      if (!entry.undone && entry.record.use_no) count += entry.record.party;
    }
    return count;
  }
  /// Of the newest that stands.
  void undo_last() {
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->undone) continue;
      entry->undone = true;
      gate.undo(entry->record);
      inside = gate.history().inside;
      return;
    }
  }
};

/// What a clock may do, the bound that the terminal states being honest: at
/// least the error, or none.
void disturb_clock(SimulatedTerminal& gate) {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      gate.clock = ClockState::synchronised;
      gate.offset = 0ms;
      break;
    case 1:
    case 2:
      gate.clock = ClockState::holdover;
      gate.offset -= 1h;
      break;
    case 3:
      gate.clock = ClockState::holdover;
      gate.offset += std::chrono::minutes(*rc::gen::inRange(-90, 90));
      break;
    default:
      gate.clock = ClockState::unset;
      gate.offset = WallTime(std::chrono::days(1)) - gate.truth();
  }
  gate.error.reset();
  if (gate.clock != ClockState::unset && *rc::gen::arbitrary<bool>()) {
    gate.error = std::chrono::abs(gate.offset) + std::chrono::seconds(*rc::gen::inRange(0, 600));
  }
}

void check_entry(const Observed& world, const Verdict& verdict) {
  const PassPolicy& policy = world.gate.policy;
  const WallTime now = world.gate.truth();
  const TrueEntry* use = world.last(true);
  const TrueEntry* entry = world.last(false);
  if (world.inside > 0 && entry != nullptr) RC_ASSERT(now - entry->at >= policy.passback);
  if (!verdict.use_no) {  // Comes back.
    RC_ASSERT(use != nullptr && policy.reentry != Reentry::never);
    if (policy.reentry_within > 0s) RC_ASSERT(now - use->at <= policy.reentry_within);
    if (policy.reentry == Reentry::after_exit) RC_ASSERT(world.inside + 1 <= world.uses());
    return;
  }
  RC_ASSERT(!policy.uses || world.uses() + verdict.party <= *policy.uses);
  if (policy.once_per_day && use != nullptr) {
    RC_ASSERT(policy.once_per_day->day(use->at) != policy.once_per_day->day(now));
  }
}

void enter(Observed& world) {
  const Verdict verdict =
      world.gate.present(Direction::entry, *rc::gen::inRange(1U, world.gate.policy.max_party + 1));
  if (verdict.decision != Decision::admit) return;
  check_entry(world, verdict);
  world.entries.push_back({.at = world.gate.truth(), .record = world.gate.records().back()});
  world.inside += verdict.party;
}

void leave(Observed& world) {
  const bool somebody = world.inside > 0;
  const Verdict verdict = world.gate.present(Direction::exit);
  RC_ASSERT(verdict.decision == Decision::admit && !verdict.use_no);
  RC_ASSERT((verdict.flag == Flag::exit_without_entry) == !somebody);
  if (somebody) --world.inside;
}

void act(Observed& world) {
  switch (*rc::gen::weightedElement<int>({{4, 0}, {2, 1}, {2, 2}, {2, 3}, {1, 4}, {1, 5}})) {
    case 0: enter(world); break;
    case 1: leave(world); break;
    case 2: disturb_clock(world.gate); break;
    case 3: world.gate.wait(std::chrono::minutes(*rc::gen::inRange(0, 1500))); break;
    case 4: world.gate.reboot(); break;
    default: world.undo_last();
  }
}

PassPolicy any_timed_policy() {
  PassPolicy policy;
  policy.uses = *rc::gen::inRange(1U, 4U);
  if (*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) policy.uses.reset();
  policy.reentry = static_cast<Reentry>(*rc::gen::inRange(0, 3));
  policy.reentry_within = std::chrono::minutes(*rc::gen::inRange(0, 300));
  policy.passback = std::chrono::minutes(*rc::gen::inRange(0, 60));
  if (*rc::gen::arbitrary<bool>()) policy.once_per_day = LocalCalendar::of("Europe/Berlin");
  policy.max_party = *rc::gen::inRange(1U, 3U);
  policy.partial_party = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) policy.max_clock_error = 10min;
  return policy;
}

TEST(TimeProperty, NoClockMakesASecondUseTheFirstOrTheDayAnother) {
  check_property("uses, day, passback and re-entry hold in true time", [] {
    Observed world;
    world.gate.policy = any_timed_policy();
    const int acts = *rc::gen::inRange(2, 14);
    for (int i = 0; i < acts; ++i) act(world);
  });
}

// The bound that the terminal states is from before the clock was set back.
TEST(TimeProperty, AClockSetBackAnHourInHoldoverTurnsNoSecondUseIntoAFirst) {
  check_property("one use, and one a day, for any time between", [] {
    SimulatedTerminal gate(evening() + std::chrono::minutes(*rc::gen::inRange(0, 1440)));
    const bool daily = *rc::gen::arbitrary<bool>();
    if (daily) {
      gate.policy.uses.reset();
      gate.policy.once_per_day = LocalCalendar::of("Europe/Berlin");
    }
    gate.error = 20ms;
    RC_ASSERT(gate.present(Direction::entry).use_no == 1U);
    const WallTime first = gate.truth();
    gate.wait(std::chrono::minutes(*rc::gen::inRange(0, 200)));
    gate.clock = ClockState::holdover;
    gate.offset = -1h;
    const auto gap = std::chrono::minutes(*rc::gen::inRange(0, 1500));
    gate.wait(gap);
    const bool reboot = *rc::gen::arbitrary<bool>();
    if (reboot) {  // And then nobody knows the error.
      gate.reboot();
      gate.error.reset();
    }
    const bool admitted = gate.present(Direction::entry).decision == Decision::admit;
    const auto day = [](WallTime at) { return LocalCalendar::of("Europe/Berlin")->day(at); };
    if (!daily || day(gate.truth()) == day(first)) RC_ASSERT(!admitted);
  });
}

TEST(TimeProperty, ATrueClockRefusesNobodyWhoMayGoIn) {
  check_property("synchronised: the rules let in as they should", [] {
    SimulatedTerminal gate(evening());
    gate.policy.uses.reset();
    gate.policy.once_per_day = LocalCalendar::of("Europe/Berlin");
    gate.policy.passback = 10min;
    std::optional<WallTime> last;
    for (int i = 0; i < 6; ++i) {
      gate.wait(std::chrono::minutes(*rc::gen::inRange(1, 900)));
      if (*rc::gen::arbitrary<bool>()) gate.reboot();
      const auto day = [&](WallTime at) { return gate.policy.once_per_day->day(at); };
      const bool may = !last || (day(*last) != day(gate.truth()) && gate.truth() - *last >= 10min);
      const bool admitted = gate.present(Direction::entry).decision == Decision::admit;
      RC_ASSERT(admitted == may);
      if (admitted) last = gate.truth();
    }
  });
}

/// A night on which clocks change, as the laws of the place have it: what the time
/// zone database says is not asked.
struct Night {
  const char* zone;
  std::chrono::year_month_day date;    ///< Of the change, in UTC.
  std::chrono::minutes at;             ///< After midnight UTC.
  std::chrono::minutes before, after;  ///< East of UTC.

  WallTime change() const { return WallTime(std::chrono::sys_days(date)) + at; }
  auto day(WallTime time) const {
    return std::chrono::floor<std::chrono::days>(time + (time < change() ? before : after));
  }
};

TEST(TimeProperty, OnceADayIsOnceADayOnNightsOnWhichClocksChange) {
  using std::chrono::year;
  static const std::array nights{
      Night{"Europe/Berlin", year(2026) / 3 / 29, 60min, 60min, 120min},
      Night{"Europe/Berlin", year(2026) / 10 / 25, 60min, 120min, 60min},
      Night{"America/New_York", year(2026) / 3 / 8, 420min, -300min, -240min},
      Night{"America/New_York", year(2026) / 11 / 1, 360min, -240min, -300min},
      Night{"Australia/Lord_Howe", year(2026) / 4 / 4, 900min, 660min, 630min},
      Night{"Australia/Lord_Howe", year(2026) / 10 / 3, 930min, 630min, 660min},
      Night{"America/Santiago", year(2026) / 4 / 5, 180min, -180min,
            -240min},  // midnight comes twice
      Night{"America/Santiago", year(2026) / 9 / 6, 240min, -240min, -180min},  // and not at all
  };
  check_property("the first of each local day goes in, no other", [] {
    const Night& night = *rc::gen::elementOf(nights);
    SimulatedTerminal gate(night.change() - 30h + 30s);
    gate.policy.uses.reset();
    gate.policy.once_per_day = LocalCalendar::of(night.zone);
    std::optional<WallTime> last;
    for (int i = 0; i < 12; ++i) {
      gate.wait(std::chrono::minutes(*rc::gen::inRange(1, 400)));
      if (*rc::gen::arbitrary<bool>()) gate.reboot();
      const bool may = !last || night.day(*last) != night.day(gate.truth());
      const bool admitted = gate.present(Direction::entry).decision == Decision::admit;
      RC_ASSERT(admitted == may);
      if (admitted) last = gate.truth();
    }
  });
}

}  // namespace
}  // namespace passgate::gate
