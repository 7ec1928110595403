// SPDX-License-Identifier: Apache-2.0
#include "gate/decision.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "tests/gate/situation.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;
using Knowledge = Belief::Knowledge;

struct Row {
  const char* title;
  std::function<void(Situation&)> change;
  std::optional<Reason> denied;  ///< Absent: admitted.
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.title;
}

// The order of the table is the order of the rules. Each row but the ones that
// admit breaks one rule only, so that it shows that very rule.
const Row kRows[] = {
    {"a good pass", [](Situation&) {}, {}},

    {"a cryptogram seen before", [](Situation& s) { s.at.cryptogram_seen = true; },
     Reason::replayed},
    {"a stamp while the clock is unset", [](Situation& s) { s.at.clock = ClockState::unset; },
     Reason::clock_untrusted},
    {"a stamp in holdover", [](Situation& s) { s.at.clock = ClockState::holdover; }, {}},
    {"a stamp at the edge of the past",
     [](Situation& s) { s.at.stamped_at = evening() - 600s; },
     {}},
    {"a stamp just too old", [](Situation& s) { s.at.stamped_at = evening() - 600s - 1ms; },
     Reason::stale_stamp},
    {"a stamp at the edge of the future",
     [](Situation& s) { s.at.stamped_at = evening() + 600s; },
     {}},
    {"a stamp just too new", [](Situation& s) { s.at.stamped_at = evening() + 600s + 1ms; },
     Reason::stale_stamp},
    {"an old stamp nobody checks",
     [](Situation& s) { s.policy.max_skew = 0s, s.at.stamped_at = evening() - 24h; },
     {}},
    {"a pass without a stamp", [](Situation& s) { s.at.stamped_at.reset(); }, {}},

    {"a stamp in a holdover too far off",
     [](Situation& s) {
       s.at.clock = ClockState::holdover, s.at.clock_error = 3001ms;
       s.policy.max_clock_error = 3s;
     },
     Reason::clock_untrusted},
    {"a stamp in a holdover just good enough",
     [](Situation& s) {
       s.at.clock = ClockState::holdover, s.at.clock_error = 3000ms;
       s.policy.max_clock_error = 3s;
     },
     {}},
    {"a stamp in a holdover of unknown error",
     [](Situation& s) { s.at.clock = ClockState::holdover, s.policy.max_clock_error = 3s; },
     Reason::clock_untrusted},

    {"revoked", [](Situation& s) { s.policy.revoked = {"0", s.at.pass_id}; }, Reason::revoked},
    {"blocked", [](Situation& s) { s.policy.blocked = {s.at.pass_id, "z"}; }, Reason::blocked},
    {"others revoked and blocked",
     [](Situation& s) { s.policy.revoked = {"0", "z"}, s.policy.blocked = {"838b"}; },
     {}},
    {"revoked, and the cloud says nothing",
     [](Situation& s) { s.policy.revoked = {s.at.pass_id}, s.belief = {}; }, Reason::revoked},

    {"no mirror", [](Situation& s) { s.belief = {}; }, Reason::stale_cache},
    {"no mirror, tolerated",
     [](Situation& s) { s.belief = {}, s.policy.on_stale = Fallback::admit; },
     {}},
    {"no complete sweep yet", [](Situation& s) { s.belief.swept_at.reset(); }, Reason::stale_cache},
    {"a mirror at the edge of its age",
     [](Situation& s) { s.belief.swept_at = evening() - 24h; },
     {}},
    {"a mirror just too old", [](Situation& s) { s.belief.swept_at = evening() - 24h - 1ms; },
     Reason::stale_cache},
    {"an old mirror, tolerated",
     [](Situation& s) { s.belief.swept_at = evening() - 48h, s.policy.on_stale = Fallback::admit; },
     {}},
    {"a voided pass in an old mirror, tolerated",
     [](Situation& s) {
       s.belief.swept_at = evening() - 48h, s.policy.on_stale = Fallback::admit;
       s.belief.state = PassState::voided;
     },
     Reason::voided},
    {"a mirror from the future", [](Situation& s) { s.belief.swept_at = evening() + 1h; }, {}},
    {"a mirror whose age nobody can tell",
     [](Situation& s) { s.at.clock = ClockState::unset, s.at.stamped_at.reset(); },
     Reason::clock_untrusted},
    {"no provider, the clock unset",
     [](Situation& s) {
       s.belief = {}, s.belief.knowledge = Knowledge::no_provider, s.at.clock = ClockState::unset;
       s.at.stamped_at.reset();
     },
     {}},
    {"no provider, so no state to look at",
     [](Situation& s) {
       s.belief.knowledge = Knowledge::no_provider, s.belief.state = PassState::voided;
     },
     {}},

    {"an unlisted pass", [](Situation& s) { s.belief.knowledge = Knowledge::not_listed; },
     Reason::unknown},
    {"an unlisted pass, tolerated",
     [](Situation& s) {
       s.belief.knowledge = Knowledge::not_listed, s.policy.on_unknown = Fallback::admit;
     },
     {}},
    {"voided", [](Situation& s) { s.belief.state = PassState::voided; }, Reason::voided},
    {"expired", [](Situation& s) { s.belief.state = PassState::expired; }, Reason::expired},
    {"not yet valid", [](Situation& s) { s.belief.state = PassState::not_yet_valid; },
     Reason::not_yet_valid},
    {"redeemed elsewhere", [](Situation& s) { s.belief.state = PassState::redeemed; },
     Reason::already_redeemed},
    {"redeemed by us, as the provider says back",
     [](Situation& s) { s.belief.state = PassState::redeemed, s.history.uses = 1; },
     Reason::already_redeemed},
    {"a state nobody knows", [](Situation& s) { s.belief.state = PassState::unknown; },
     Reason::unknown},
    {"a state nobody knows, tolerated",
     [](Situation& s) {
       s.belief.state = PassState::unknown, s.policy.on_unknown = Fallback::admit;
     },
     {}},

    {"the window opens now", [](Situation& s) { s.belief.valid_from = evening(); }, {}},
    {"the window opens later", [](Situation& s) { s.belief.valid_from = evening() + 1ms; },
     Reason::not_yet_valid},
    {"the window closes now", [](Situation& s) { s.belief.valid_until = evening(); }, {}},
    {"the window has closed", [](Situation& s) { s.belief.valid_until = evening() - 1ms; },
     Reason::expired},
    {"early, within the grace",
     [](Situation& s) { s.belief.valid_from = evening() + 10min, s.policy.grace_before = 10min; },
     {}},
    {"early, before the grace",
     [](Situation& s) {
       s.belief.valid_from = evening() + 10min + 1ms, s.policy.grace_before = 10min;
     },
     Reason::not_yet_valid},
    {"late, within the grace",
     [](Situation& s) { s.belief.valid_until = evening() - 10min, s.policy.grace_after = 10min; },
     {}},
    {"late, after the grace",
     [](Situation& s) {
       s.belief.valid_until = evening() - 10min - 1ms, s.policy.grace_after = 10min;
     },
     Reason::expired},
    {"expired by its date, within the grace",
     [](Situation& s) {
       s.belief.state = PassState::expired, s.policy.grace_after = 10min;
       s.belief.valid_until = evening() - 5min;
     },
     {}},
    {"expired by its date, after the grace",
     [](Situation& s) {
       s.belief.state = PassState::expired, s.policy.grace_after = 10min;
       s.belief.valid_until = evening() - 11min;
     },
     Reason::expired},
    {"expired by hand, before its date",
     [](Situation& s) {
       s.belief.state = PassState::expired, s.policy.grace_after = 10min;
       s.belief.valid_until = evening() + 5min;
     },
     Reason::expired},
    {"not yet valid by its date, within the grace",
     [](Situation& s) {
       s.belief.state = PassState::not_yet_valid, s.policy.grace_before = 10min;
       s.belief.valid_from = evening() + 5min;
     },
     {}},
    {"held back by hand, after its date",
     [](Situation& s) {
       s.belief.state = PassState::not_yet_valid, s.policy.grace_before = 10min;
       s.belief.valid_from = evening() - 5min;
     },
     Reason::not_yet_valid},
    {"a window while the clock is unset",
     [](Situation& s) {
       s.at.clock = ClockState::unset, s.at.stamped_at.reset();
       s.policy.on_stale = Fallback::admit, s.belief.valid_until = evening() + 1h;
     },
     Reason::clock_untrusted},
    {"a window of an unknown state, tolerated",
     [](Situation& s) {
       s.belief.state = PassState::unknown, s.policy.on_unknown = Fallback::admit;
       s.belief.valid_until = evening() - 1h;
     },
     Reason::expired},

    {"one of its zones", [](Situation& s) { s.policy.zones = {"south", "north"}; }, {}},
    {"none of its zones", [](Situation& s) { s.policy.zones = {"south", "northern"}; },
     Reason::wrong_gate},

    {"a pass for this direction", [](Situation& s) { s.policy.only = Direction::entry; }, {}},
    {"a pass for the other direction", [](Situation& s) { s.policy.only = Direction::exit; },
     Reason::direction},
    {"more people than may come", [](Situation& s) { s.at.party = 2; }, Reason::rule},
    {"nobody at all", [](Situation& s) { s.at.party = 0; }, Reason::rule},

    {"used up, one use", [](Situation& s) { s.history.uses = s.history.last_use_no = 1; },
     Reason::already_redeemed},
    {"the last of three uses",
     [](Situation& s) { s.policy.uses = 3, s.history.uses = s.history.last_use_no = 2; },
     {}},
    {"used up, three uses",
     [](Situation& s) { s.policy.uses = 3, s.history.uses = s.history.last_use_no = 3; },
     Reason::uses_exhausted},
    {"no use at all", [](Situation& s) { s.policy.uses = 0; }, Reason::uses_exhausted},
    {"reusable",
     [](Situation& s) { s.policy.uses.reset(), s.history.uses = s.history.last_use_no = 1000; },
     {}},
    {"a count that cannot grow",
     [](Situation& s) { s.policy.uses.reset(), s.history.uses = s.history.last_use_no = UINT_MAX; },
     Reason::uses_exhausted},
};

class DecisionTable : public testing::TestWithParam<Row> {};

TEST_P(DecisionTable, Holds) {
  Situation s;
  GetParam().change(s);
  const Verdict verdict = decide(s.policy, s.at, s.belief, s.history);
  if (GetParam().denied) {
    EXPECT_EQ(verdict.decision, Decision::deny);
    EXPECT_EQ(name(verdict.reason), name(*GetParam().denied));
    EXPECT_FALSE(verdict.use_no);
  } else {
    EXPECT_EQ(verdict.decision, Decision::admit) << name(verdict.reason);
    EXPECT_EQ(verdict.reason, Reason::ok);
    EXPECT_EQ(verdict.use_no, s.history.last_use_no + 1);
  }
}

std::string row_name(const testing::TestParamInfo<Row>& info) {
  return test_name(info.param.title);
}

INSTANTIATE_TEST_SUITE_P(Rules, DecisionTable, testing::ValuesIn(kRows), row_name);

// Everything is wrong at once; each rule taken away uncovers the next one.
TEST(Decision, TellsTheFirstRuleThatFailsInTheFixedOrder) {
  Situation s;
  s.at.cryptogram_seen = true;
  s.at.stamped_at = evening() - 24h;
  s.belief.swept_at = evening() - 48h;
  s.belief.state = PassState::voided;
  s.belief.valid_until = evening() - 1h;
  s.policy.revoked = s.policy.blocked = {s.at.pass_id};
  s.policy.zones = {"south"};
  s.policy.only = Direction::exit;
  s.at.party = 2;
  s.used(1, 1, 1min);
  s.policy.passback = 5min;
  s.policy.once_per_day = LocalCalendar::of("Europe/Berlin");
  s.at.room = 1;
  const auto reason = [&] { return name(s.verdict().reason); };
  EXPECT_EQ(reason(), "replayed");
  s.at.cryptogram_seen = false;
  EXPECT_EQ(reason(), "stale_stamp");
  s.at.stamped_at = evening();
  EXPECT_EQ(reason(), "revoked");
  s.policy.revoked.clear();
  EXPECT_EQ(reason(), "blocked");
  s.policy.blocked.clear();
  EXPECT_EQ(reason(), "stale_cache");
  s.belief.swept_at = evening();
  EXPECT_EQ(reason(), "voided");
  s.belief.state = PassState::valid;
  EXPECT_EQ(reason(), "expired");
  s.belief.valid_until.reset();
  EXPECT_EQ(reason(), "wrong_gate");
  s.policy.zones.clear();
  EXPECT_EQ(reason(), "direction");
  s.policy.only.reset();
  EXPECT_EQ(reason(), "rule");
  s.policy.max_party = 2;
  EXPECT_EQ(reason(), "passback");
  s.policy.passback = 0s;
  EXPECT_EQ(reason(), "already_redeemed");  // Of the day, which the next line shows.
  s.policy.uses = 2;
  EXPECT_EQ(reason(), "already_redeemed");
  s.policy.once_per_day.reset();
  EXPECT_EQ(reason(), "uses_exhausted");
  s.policy.uses = 3;
  EXPECT_EQ(reason(), "capacity");
  s.at.room = 2;
  EXPECT_EQ(reason(), "ok");
}

}  // namespace
}  // namespace passgate::gate
