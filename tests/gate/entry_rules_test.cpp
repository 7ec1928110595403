// SPDX-License-Identifier: Apache-2.0
#include "gate/entry_rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "tests/gate/situation.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

/// What becomes of the tap: a refusal with its reason, or people who go in or
/// out, with the first use that this consumes.
struct Outcome {
  Reason reason = Reason::ok;
  std::optional<unsigned> use_no;
  unsigned party = 1;
  Flag flag = Flag::none;
};
Outcome use(unsigned number, unsigned party = 1, Flag flag = Flag::none) {
  return {.reason = Reason::ok, .use_no = number, .party = party, .flag = flag};
}
Outcome without_use(unsigned party = 1, Flag flag = Flag::none) {
  return {.reason = Reason::ok, .use_no = {}, .party = party, .flag = flag};
}
Outcome refused(Reason reason, unsigned party = 1) {
  return {.reason = reason, .use_no = {}, .party = party};
}

struct EntryRow {
  const char* title;
  std::function<void(Situation&)> change;
  Outcome outcome;
};
void PrintTo(const EntryRow& row, std::ostream* out) {
  *out << row.title;
}

void may_come_back(Situation& s, Reentry how, std::chrono::seconds within = 0s) {
  s.policy.reentry = how;
  s.policy.reentry_within = within;
}
void after_reboot(Situation& s) {
  s.history.last_uses[0].boot_id = s.history.last_entries[0].boot_id = "another";
}
void clock(Situation& s, ClockState state, std::optional<Milliseconds> error = {}) {
  s.at.clock = state;
  s.at.clock_error = error;
  s.at.stamped_at.reset();
  s.policy.on_stale = Fallback::admit;
}

const EntryRow kReentry[] = {
    {"who never left does not come back",
     [](Situation& s) { s.used(1, 1, 1h), may_come_back(s, Reentry::after_exit); },
     refused(Reason::passback)},
    {"who left comes back",
     [](Situation& s) { s.used(1, 0, 1h), may_come_back(s, Reentry::after_exit); }, without_use()},
    {"who left does not come back if nobody may", [](Situation& s) { s.used(1, 0, 1h); },
     refused(Reason::already_redeemed)},
    {"who left comes back at the last moment",
     [](Situation& s) { s.used(1, 0, 1h), may_come_back(s, Reentry::after_exit, 1h); },
     without_use()},
    {"who left comes back too late",
     [](Situation& s) { s.used(1, 0, 1h + 1ms), may_come_back(s, Reentry::after_exit, 1h); },
     refused(Reason::already_redeemed)},
    {"too late, but there is another use",
     [](Situation& s) {
       s.used(1, 0, 2h), may_come_back(s, Reentry::after_exit, 1h), s.policy.uses = 2;
     },
     use(2)},
    {"the second of a party of two needs the second use",
     [](Situation& s) {
       s.used(1, 1, 1min), may_come_back(s, Reentry::after_exit, 1h), s.policy.uses = 2;
     },
     use(2)},
    {"one of two is out, and comes back",
     [](Situation& s) {
       s.used(2, 1, 1min), may_come_back(s, Reentry::after_exit, 1h), s.policy.uses = 2;
     },
     without_use()},
    {"one of two is out, and two come back",
     [](Situation& s) {
       s.used(2, 1, 1min), may_come_back(s, Reentry::after_exit, 1h), s.policy.uses = 2;
       s.at.party = s.policy.max_party = 2;
     },
     refused(Reason::passback, 2)},
    {"always, while inside",
     [](Situation& s) { s.used(1, 1, 1h), may_come_back(s, Reentry::always); }, without_use()},
    {"always, and too late",
     [](Situation& s) { s.used(1, 1, 2h), may_come_back(s, Reentry::always, 1h); },
     refused(Reason::already_redeemed)},
    {"always, and more than ever came",
     [](Situation& s) {
       s.used(1, 1, 1h), may_come_back(s, Reentry::always);
       s.at.party = s.policy.max_party = 2;
     },
     refused(Reason::already_redeemed, 2)},
    {"redeemed, says the cloud, by us, and comes back",
     [](Situation& s) {
       s.used(1, 0, 1h), may_come_back(s, Reentry::after_exit);
       s.belief.state = PassState::redeemed;
     },
     without_use()},
    {"redeemed, says the cloud, and was never here",
     [](Situation& s) {
       may_come_back(s, Reentry::after_exit), s.belief.state = PassState::redeemed;
     },
     refused(Reason::already_redeemed)},
    {"after a reboot the wall clock tells how long ago",
     [](Situation& s) {
       s.used(1, 0, 59min), may_come_back(s, Reentry::after_exit, 1h), after_reboot(s);
     },
     without_use()},
    {"after a reboot it may have been too long",
     [](Situation& s) {
       s.used(1, 0, 59min), may_come_back(s, Reentry::after_exit, 1h), after_reboot(s);
       clock(s, ClockState::holdover, 2min);
     },
     refused(Reason::already_redeemed)},
    {"after a reboot nobody can tell how long",
     [](Situation& s) {
       s.used(1, 0, 59min), may_come_back(s, Reentry::after_exit, 1h), after_reboot(s);
       clock(s, ClockState::unset);
     },
     refused(Reason::clock_untrusted)},
    {"reusable, after an exit",
     [](Situation& s) {
       s.used(7, 0, 1h), may_come_back(s, Reentry::after_exit), s.policy.uses.reset();
     },
     use(8)},
    {"reusable, while inside",
     [](Situation& s) {
       s.used(7, 1, 1h), may_come_back(s, Reentry::after_exit), s.policy.uses.reset();
     },
     refused(Reason::passback)},
    {"reusable, always",
     [](Situation& s) {
       s.used(7, 1, 1h), may_come_back(s, Reentry::always), s.policy.uses.reset();
     },
     use(8)},
};

const EntryRow kPassback[] = {
    {"again so soon",
     [](Situation& s) { s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 5min - 1ms); },
     refused(Reason::passback)},
    {"again, but not so soon",
     [](Situation& s) { s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 5min); }, use(2)},
    {"again so soon after an exit",
     [](Situation& s) { s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 0, 1min); }, use(2)},
    {"again so soon, by a clock that was set forward",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 1min);
       s.at.now += 1h, s.at.stamped_at.reset();
     },
     refused(Reason::passback)},
    {"long ago, by a clock that was set back",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 10min);
       s.at.now -= 1h, s.at.stamped_at.reset();
     },
     use(2)},
    {"after a reboot, certainly long ago",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 6min), after_reboot(s);
       clock(s, ClockState::holdover, 1min);
     },
     use(2)},
    {"after a reboot, perhaps just now",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 6min), after_reboot(s);
       clock(s, ClockState::holdover, 1min + 1ms);
     },
     refused(Reason::passback)},
    {"after a reboot, in a holdover nobody knows the error of",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 24h), after_reboot(s);
       clock(s, ClockState::holdover);
     },
     refused(Reason::passback)},
    {"after a reboot, with our clock unset",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 24h), after_reboot(s);
       clock(s, ClockState::unset);
     },
     refused(Reason::clock_untrusted)},
    {"after a reboot, the entry having been at a time nobody knows",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 24h), after_reboot(s);
       s.history.last_entries[0].clock = ClockState::unset;
     },
     refused(Reason::passback)},
    {"another terminal's entry counts, though ours without a date seems the last",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 48h);
       s.history.last_entries[0].clock = ClockState::unset;
       s.history.last_entries.push_back(instant(1min, "of-gate-b2"));
     },
     refused(Reason::passback)},
    {"holds for who comes back as well",
     [](Situation& s) {
       s.policy.uses = 3, s.policy.passback = 5min, s.used(1, 1, 1min);
       may_come_back(s, Reentry::always);
     },
     refused(Reason::passback)},
};

const EntryRow kParty[] = {
    {"three on a pass of three",
     [](Situation& s) { s.policy.uses = 3, s.at.party = s.policy.max_party = 3; }, use(1, 3)},
    {"three on a pass of two are refused whole",
     [](Situation& s) { s.policy.uses = 2, s.at.party = s.policy.max_party = 3; },
     refused(Reason::uses_exhausted, 3)},
    {"three on a pass of two, of whom some may go in",
     [](Situation& s) {
       s.policy.uses = 2, s.at.party = s.policy.max_party = 3, s.policy.partial_party = true;
     },
     use(1, 2, Flag::partial_party)},
    {"two on the last use, of whom some may go in",
     [](Situation& s) {
       s.policy.uses = 2, s.at.party = s.policy.max_party = 2, s.policy.partial_party = true;
       s.used(1, 0, 1h);
     },
     use(2, 1, Flag::partial_party)},
    {"two on a single use that is fresh", [](Situation& s) { s.at.party = s.policy.max_party = 2; },
     refused(Reason::uses_exhausted, 2)},
    {"two on a pass that is used up, of whom some may go in",
     [](Situation& s) {
       s.at.party = s.policy.max_party = 2, s.policy.partial_party = true, s.used(1, 0, 1h);
     },
     refused(Reason::already_redeemed, 2)},
    {"an undone use keeps its number",
     [](Situation& s) { s.policy.uses = 2, s.used(1, 0, 1h), s.history.last_use_no = 5; }, use(6)},
    {"the last place is for one", [](Situation& s) { s.at.room = 1; }, use(1)},
    {"the zone is full", [](Situation& s) { s.at.room = 0; }, refused(Reason::capacity)},
    {"the zone is full for those who come back too",
     [](Situation& s) { s.used(1, 0, 1h), may_come_back(s, Reentry::after_exit), s.at.room = 0; },
     refused(Reason::capacity)},
    {"one place for the one of two who has a use",
     [](Situation& s) {
       s.at.party = s.policy.max_party = 2, s.policy.partial_party = true, s.at.room = 1;
     },
     use(1, 1, Flag::partial_party)},
    {"the numbers end before the people do",
     [](Situation& s) {
       s.policy.uses.reset(), s.history.last_use_no = UINT_MAX - 1;
       s.at.party = s.policy.max_party = 2;
     },
     refused(Reason::uses_exhausted, 2)},
};

void leave(Situation& s) {
  s.at.direction = Direction::exit;
  s.used(1, 1, 1h);
}

const EntryRow kExit[] = {
    {"out, having come in", leave, without_use()},
    {"out, without having come in", [](Situation& s) { leave(s), s.history.inside = 0; },
     without_use(1, Flag::exit_without_entry)},
    {"more go out than came in",
     [](Situation& s) { leave(s), s.at.party = s.policy.max_party = 2; },
     without_use(2, Flag::exit_without_entry)},
    {"out of a full zone on an old list past the window within the passback on the same day",
     [](Situation& s) {
       leave(s), s.at.room = 0, s.belief.swept_at.reset(), s.belief.valid_until = evening() - 1h;
       s.policy.passback = 24h, s.policy.once_per_day = LocalCalendar::of("Europe/Berlin");
     },
     without_use()},
    {"out, expired", [](Situation& s) { leave(s), s.belief.state = PassState::expired; },
     without_use()},
    {"out, redeemed", [](Situation& s) { leave(s), s.belief.state = PassState::redeemed; },
     without_use()},
    {"out, not yet valid",
     [](Situation& s) { leave(s), s.belief.state = PassState::not_yet_valid; }, without_use()},
    {"out, with our clock unset",
     [](Situation& s) {
       leave(s), s.at.clock = ClockState::unset, s.at.stamped_at.reset();
       s.belief.valid_until = evening() + 1h;
     },
     without_use()},
    {"out, the cloud's list missing", [](Situation& s) { leave(s), s.belief = {}; }, without_use()},
    {"out, played again", [](Situation& s) { leave(s), s.at.cryptogram_seen = true; },
     refused(Reason::replayed)},
    {"out, unknown",
     [](Situation& s) { leave(s), s.belief.knowledge = Belief::Knowledge::not_listed; },
     refused(Reason::unknown)},
    {"out, revoked", [](Situation& s) { leave(s), s.policy.revoked = {s.at.pass_id}; },
     refused(Reason::revoked)},
    {"out, blocked", [](Situation& s) { leave(s), s.policy.blocked = {s.at.pass_id}; },
     refused(Reason::blocked)},
    {"out, voided", [](Situation& s) { leave(s), s.belief.state = PassState::voided; },
     refused(Reason::voided)},
    {"out, of another zone", [](Situation& s) { leave(s), s.policy.zones = {"south"}; },
     refused(Reason::wrong_gate)},
    {"out, with a pass for entries",
     [](Situation& s) { leave(s), s.policy.only = Direction::entry; }, refused(Reason::direction)},
    {"out, too many at once", [](Situation& s) { leave(s), s.at.party = 2; },
     refused(Reason::rule, 2)},
};

class EntryRules : public testing::TestWithParam<EntryRow> {};

TEST_P(EntryRules, Hold) {
  Situation s;
  GetParam().change(s);
  const Verdict verdict = s.verdict();
  const Outcome& expected = GetParam().outcome;
  EXPECT_EQ(name(verdict.reason), name(expected.reason));
  EXPECT_EQ(verdict.decision == Decision::admit, expected.reason == Reason::ok);
  EXPECT_EQ(verdict.use_no, expected.use_no);
  EXPECT_EQ(verdict.party, expected.party);
  EXPECT_EQ(name(verdict.flag), name(expected.flag));
}

std::string entry_row_name(const testing::TestParamInfo<EntryRow>& info) {
  return test_name(info.param.title);
}
INSTANTIATE_TEST_SUITE_P(Reentry, EntryRules, testing::ValuesIn(kReentry), entry_row_name);
INSTANTIATE_TEST_SUITE_P(Passback, EntryRules, testing::ValuesIn(kPassback), entry_row_name);
INSTANTIATE_TEST_SUITE_P(Party, EntryRules, testing::ValuesIn(kParty), entry_row_name);
INSTANTIATE_TEST_SUITE_P(Exit, EntryRules, testing::ValuesIn(kExit), entry_row_name);

}  // namespace
}  // namespace passgate::gate
