// SPDX-License-Identifier: Apache-2.0
// What lets somebody in again, how many and which way: [[pass]], [[zone]], [override].
#include <gmock/gmock.h>

#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using namespace std::chrono_literals;
using test::loaded;
using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The next line is 10, in the [[pass]] of line 6.
std::string with(std::string_view more) {
  return R"([terminal]
id = "gate-a1"
[[reader]]
name = "north"
zone = "north"
[[pass]]
name = "ticket"
pattern = '^(?P<pass_id>.+)$'
apple = { pass_type_id = "pass.com.example.ticket", keys = ["file:keys/a.pem"] }
)" + std::string(more);
}

TEST(EntryRules, AreThoseOfASingleUseWhereNothingIsSaid) {
  const Config config = loaded(with(""));
  const PassConfig& pass = config.passes.at(0);
  EXPECT_EQ(pass.uses, 1U);
  EXPECT_FALSE(pass.uses_per_zone);
  EXPECT_EQ(pass.reentry, ReentryRule::never);
  EXPECT_EQ(pass.reentry_within, 0s);
  EXPECT_EQ(pass.passback, 0s);
  EXPECT_EQ(pass.once_per_day, "");
  EXPECT_EQ(pass.grace_before, 0s);
  EXPECT_EQ(pass.grace_after, 0s);
  EXPECT_EQ(pass.direction, "");
  EXPECT_EQ(pass.max_party, 1U);
  EXPECT_FALSE(pass.partial_party);
  EXPECT_THAT(pass.revoked, IsEmpty());
  EXPECT_THAT(pass.blocked, IsEmpty());
  EXPECT_EQ(pass.max_clock_error, std::nullopt);
  EXPECT_THAT(config.zones, IsEmpty());
  EXPECT_THAT(config.overrides.allow, IsEmpty());
}

TEST(EntryRules, AreReadAsTheyAreWritten) {
  const Config config = loaded(with(R"(uses = 10
uses_per = "zone"
reentry = "after_exit"
reentry_within_s = 3600
passback_s = 300
once_per_day = "Europe/Berlin"
grace_before_s = 900
grace_after_s = 60
max_party = 4
partial_party = true
revoked = ["b", "a"]
blocked = ["c"]
max_clock_error_s = 30
[[reader]]
name = "out"
direction = "exit"
[[zone]]
name = "north"
capacity = 500
timezone = "Europe/Berlin"
empties_at = "04:30"
[[zone]]
name = "far"
[override]
allow = ["revoked", "undecryptable"]
)"));
  const PassConfig& pass = config.passes.at(0);
  EXPECT_EQ(pass.uses, 10U);
  EXPECT_TRUE(pass.uses_per_zone);
  EXPECT_EQ(pass.reentry, ReentryRule::after_exit);
  EXPECT_EQ(pass.reentry_within, 1h);
  EXPECT_EQ(pass.passback, 5min);
  EXPECT_EQ(pass.once_per_day, "Europe/Berlin");
  EXPECT_EQ(pass.grace_before, 15min);
  EXPECT_EQ(pass.grace_after, 1min);
  EXPECT_EQ(pass.max_party, 4U);
  EXPECT_TRUE(pass.partial_party);
  EXPECT_THAT(pass.revoked, ElementsAre("b", "a"));
  EXPECT_THAT(pass.blocked, ElementsAre("c"));
  EXPECT_EQ(pass.max_clock_error, 30s);
  EXPECT_EQ(config.readers.at(1).direction, "exit");
  ASSERT_TRUE(config.zone("north"));
  EXPECT_EQ(config.zone("north")->capacity, 500U);
  EXPECT_EQ(config.zone("north")->timezone, "Europe/Berlin");
  EXPECT_EQ(config.zone("north")->empties_at, 4h + 30min);
  ASSERT_TRUE(config.zone("far"));
  EXPECT_EQ(config.zone("far")->capacity, std::nullopt);
  EXPECT_EQ(config.zone("far")->empties_at, std::nullopt);
  EXPECT_EQ(config.zone("south"), nullptr);
  EXPECT_THAT(config.overrides.allow, ElementsAre("revoked", "undecryptable"));
}

TEST(EntryRules, AZoneNeedsATableOnlyForItsOwnRules) {
  EXPECT_THAT(problems_of(with("zones = [\"anywhere\"]\n")), IsEmpty());
  EXPECT_THAT(problems_of(with("zones = [\"north\", \"far\"]\n[[zone]]\nname = \"far\"\n")),
              IsEmpty());
}

TEST(EntryRules, APassOfSeveralUsesMayComeBackForAWhile) {
  EXPECT_THAT(problems_of(with("uses = 3\nreentry = \"always\"\nreentry_within_s = 60\n")),
              IsEmpty());
  EXPECT_THAT(problems_of(with("reentry = \"always\"\n")), IsEmpty());
  EXPECT_THAT(problems_of(with("reusable = true\nreentry = \"after_exit\"\n")), IsEmpty());
}

struct Refused {
  const char* what;
  const char* text;
  const char* says;
};

class EntryRulesRefuse : public testing::TestWithParam<Refused> {};

TEST_P(EntryRulesRefuse, WithPlaceAndHint) {
  EXPECT_THAT(problems_of(with(GetParam().text)), ElementsAre(HasSubstr(GetParam().says)));
}

std::string name_of(const testing::TestParamInfo<Refused>& tested) {
  return tested.param.what;
}

INSTANTIATE_TEST_SUITE_P(
    ImpossiblePasses, EntryRulesRefuse,
    testing::Values(
        Refused{"UsesPerOfReusable", "reusable = true\nuses_per = \"zone\"\n",
                "p.toml:11: uses_per and reusable = true exclude each other"},
        Refused{"UsesPerReader", "uses_per = \"reader\"\n",
                "p.toml:10: uses_per may not be \"reader\" (one of: pass, zone)"},
        Refused{"WithinWithoutReentry", "reentry_within_s = 5\n",
                "p.toml:10: reentry_within_s goes with reentry"},
        Refused{"WithinOfReusable", "reusable = true\nreentry = \"always\"\nreentry_within_s = 5\n",
                "p.toml:12: reentry_within_s and reusable = true exclude each other"},
        Refused{"ReentryOfSeveralUses", "uses = 2\nreentry = \"after_exit\"\n",
                "p.toml:11: reentry of a pass with several uses needs reentry_within_s"},
        Refused{"ReentryOfSeveralUsesWithoutEnd",
                "uses = 2\nreentry = \"after_exit\"\nreentry_within_s = 0\n",
                "p.toml:11: reentry of a pass with several uses needs reentry_within_s"},
        Refused{"ReentrySometimes", "reentry = \"sometimes\"\n",
                "p.toml:10: reentry may not be \"sometimes\" (one of: never, after_exit, always)"},
        Refused{"NegativePassback", "passback_s = -1\n",
                "p.toml:10: passback_s must lie between 0"},
        Refused{"NoCalendar", "once_per_day = \"\"\n",
                "p.toml:10: once_per_day names no time zone (\"Europe/Berlin\")"},
        Refused{"CalendarWithoutZone", "once_per_day = true\n",
                "p.toml:10: once_per_day must be a string"},
        Refused{"ExitOfOneDirection", "reentry = \"after_exit\"\ndirection = \"entry\"\n",
                "p.toml:11: reentry = \"after_exit\" needs a pass for both directions"},
        Refused{"BothDirections", "direction = \"both\"\n",
                "p.toml:10: direction may not be \"both\" (one of: entry, exit)"},
        Refused{"NobodyAtAll", "max_party = 0\n", "p.toml:10: max_party must lie between 1 and"},
        Refused{"MoreThanOneTapBrings", "max_party = 1001\n",
                "p.toml:10: max_party must lie between 1 and 1000"},
        Refused{"PartOfOne", "partial_party = true\n",
                "p.toml:10: partial_party goes with a max_party above 1"},
        Refused{"PartOfReusable", "reusable = true\nmax_party = 2\npartial_party = true\n",
                "p.toml:12: partial_party and reusable = true exclude each other"},
        Refused{"RevokedWithoutId", "revoked = [\"\"]\n", "p.toml:10: revoked holds \"\""},
        Refused{"NegativeClockError", "max_clock_error_s = -1\n",
                "p.toml:10: max_clock_error_s must lie between 0"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ImpossibleZones, EntryRulesRefuse,
    testing::Values(
        Refused{"NoName", "[[zone]]\ncapacity = 3\n", "p.toml:10: name is missing"},
        Refused{"TwoOfOneName", "[[zone]]\nname = \"a\"\n[[zone]]\nname = \"a\"\n",
                "p.toml:12: [[zone]] name \"a\" is already taken at p.toml:10"},
        Refused{"NoRoom", "[[zone]]\nname = \"a\"\ncapacity = 0\n",
                "p.toml:12: capacity must lie between 1 and"},
        Refused{"EmptyNowhere", "[[zone]]\nname = \"a\"\nempties_at = \"04:00\"\n",
                "p.toml:12: empties_at needs timezone"},
        Refused{"TimezoneForNothing", "[[zone]]\nname = \"a\"\ntimezone = \"Europe/Berlin\"\n",
                "p.toml:12: timezone goes with empties_at"},
        Refused{"NoTimeOfDay",
                "[[zone]]\nname = \"a\"\ntimezone = \"Europe/Berlin\"\nempties_at = \"24:00\"\n",
                "p.toml:13: empties_at is no time of day (\"04:00\")"},
        Refused{"ShortTimeOfDay",
                "[[zone]]\nname = \"a\"\ntimezone = \"Europe/Berlin\"\nempties_at = \"4:00\"\n",
                "p.toml:13: empties_at is no time of day"},
        Refused{"SignedTimeOfDay",
                "[[zone]]\nname = \"a\"\ntimezone = \"Europe/Berlin\"\nempties_at = \"-1:00\"\n",
                "p.toml:13: empties_at is no time of day"},
        Refused{"UnknownZone", "zones = [\"nroth\"]\n[[zone]]\nname = \"far\"\n",
                "p.toml:6: zones: there is no [[zone]] named \"nroth\", and no [[reader]] in it"},
        Refused{"UnknownKey", "[[zone]]\nname = \"a\"\ncapcity = 3\n",
                "p.toml:12: unknown key capcity (did you mean capacity?)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ImpossibleOverrides, EntryRulesRefuse,
    testing::Values(Refused{"AlwaysAllowed", "[override]\nallow = [\"capacity\"]\n",
                            "p.toml:11: allow may not hold \"capacity\" (any of: revoked, blocked, "
                            "undecryptable, replayed, wrong_template; other refusals need no"},
                    Refused{"NeverAllowed", "[override]\nallow = [\"out_of_order\"]\n",
                            "p.toml:11: allow may not hold \"out_of_order\""},
                    Refused{"NoList", "[override]\nallow = \"revoked\"\n",
                            "p.toml:11: allow must be an array of strings"}),
    name_of);

}  // namespace
}  // namespace passgate::runtime
