// SPDX-License-Identifier: Apache-2.0
#include "gate/local_calendar.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/gate/simulated_terminal.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

/// A night on which the clocks change: when the three days around it begin, by
/// the law of the place and not by this program.
struct ChangingNight {
  const char* title;
  const char* zone;
  const char* days[4];  ///< The last ends the third day.
};
void PrintTo(const ChangingNight& night, std::ostream* out) {
  *out << night.title;
}

const ChangingNight kNights[] = {
    {"BerlinSpring",
     "Europe/Berlin",
     {"2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z",
      "2026-03-30T22:00:00Z"}},
    {"BerlinAutumn",
     "Europe/Berlin",
     {"2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z",
      "2026-10-26T23:00:00Z"}},
    {"NewYorkSpring",
     "America/New_York",
     {"2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z",
      "2026-03-10T04:00:00Z"}},
    {"NewYorkAutumn",
     "America/New_York",
     {"2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z",
      "2026-11-03T05:00:00Z"}},
    {"LordHoweByHalfAnHourBack",
     "Australia/Lord_Howe",
     {"2026-04-03T13:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z",
      "2026-04-06T13:30:00Z"}},
    {"LordHoweByHalfAnHourForward",
     "Australia/Lord_Howe",
     {"2026-10-02T13:30:00Z", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z",
      "2026-10-05T13:00:00Z"}},
    {"SantiagoWhereMidnightIsSkipped",
     "America/Santiago",
     {"2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z",
      "2026-09-08T03:00:00Z"}},
    {"SantiagoWhereTheHourBeforeMidnightComesTwice",
     "America/Santiago",
     {"2026-04-03T03:00:00Z", "2026-04-04T03:00:00Z", "2026-04-05T04:00:00Z",
      "2026-04-06T04:00:00Z"}},
    {"CairoWhereMidnightIsSkipped",
     "Africa/Cairo",
     {"2026-04-22T22:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z",
      "2026-04-25T21:00:00Z"}},
};

class DaylightSaving : public testing::TestWithParam<ChangingNight> {};

// A guest who taps every ten minutes for three days: in with the first tap of each.
TEST_P(DaylightSaving, LeavesOnceADayAsItIs) {
  const ChangingNight& night = GetParam();
  const WallTime end = from_rfc3339(night.days[3]).value();
  for (const bool reboots : {false, true}) {
    SimulatedTerminal gate(from_rfc3339(night.days[0]).value());
    gate.policy.uses.reset();
    gate.policy.once_per_day = LocalCalendar::of(night.zone);
    ASSERT_TRUE(gate.policy.once_per_day);
    std::vector<std::string> admitted;
    for (; gate.truth() < end; gate.wait(10min)) {
      const bool in = gate.present(Direction::entry).decision == Decision::admit;
      if (in) admitted.push_back(to_rfc3339(gate.truth()));
      if (reboots) gate.reboot();
    }
    EXPECT_EQ(admitted, std::vector<std::string>(night.days, night.days + 3));
  }
}

INSTANTIATE_TEST_SUITE_P(Nights, DaylightSaving, testing::ValuesIn(kNights),
                         [](const auto& night) { return std::string(night.param.title); });

std::string last_at(const char* zone, std::chrono::minutes hour, const char* time) {
  return to_rfc3339(LocalCalendar::of(zone)->last(hour, from_rfc3339(time).value()));
}

TEST(LocalCalendar, FindsTheLastTimeTheClocksShowedAnHour) {
  EXPECT_EQ(last_at("Europe/Berlin", 4h, "2026-11-20T19:04:11Z"), "2026-11-20T03:00:00Z");
  EXPECT_EQ(last_at("Europe/Berlin", 4h, "2026-11-20T03:00:00Z"), "2026-11-20T03:00:00Z");
  EXPECT_EQ(last_at("Europe/Berlin", 4h, "2026-11-20T02:59:59Z"), "2026-11-19T03:00:00Z");
}

TEST(LocalCalendar, TakesTheJumpForAnHourThatIsSkipped) {
  EXPECT_EQ(last_at("Europe/Berlin", 2h + 30min, "2026-03-29T12:00:00Z"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(last_at("America/Santiago", 0h, "2026-09-06T04:10:00Z"), "2026-09-06T04:00:00Z");
}

TEST(LocalCalendar, TakesTheFirstOfAnHourThatComesTwice) {
  EXPECT_EQ(last_at("Europe/Berlin", 2h + 30min, "2026-10-25T00:40:00Z"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(last_at("Europe/Berlin", 2h + 30min, "2026-10-25T01:40:00Z"), "2026-10-25T00:30:00Z");
}

TEST(LocalCalendar, KnowsNoPlaceThatIsNone) {
  EXPECT_FALSE(LocalCalendar::of("Europe/Atlantis"));
  EXPECT_FALSE(LocalCalendar::of(""));
}

TEST(LocalCalendar, BearsTimesThatNoClockShows) {
  const auto berlin = LocalCalendar::of("Europe/Berlin");
  EXPECT_LT(berlin->day(WallTime::min()), berlin->day(evening()));
  EXPECT_GT(berlin->day(WallTime::max()), berlin->day(evening()));
  EXPECT_LT(berlin->last(4h, WallTime::min()), evening());
}

}  // namespace
}  // namespace passgate::gate
