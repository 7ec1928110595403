// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

#include "gate/decision.h"
#include "gate/entry_rules.h"
#include "tests/rig/property.h"

// What no policy, phone, provider or clock may bring about, for any of them.
namespace passgate::gate {
namespace {

using Knowledge = Belief::Knowledge;

struct Situation {
  PassPolicy policy;
  Presentation at;
  Belief belief;
  History history;
  Verdict verdict() const { return decide(policy, at, belief, history); }
};

/// Near the present mostly, and anywhere in the range at times: a file or a
/// phone may say anything.
rc::Gen<WallTime> any_time() {
  const auto near = rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000);
  return rc::gen::map(rc::gen::weightedOneOf<std::int64_t>(
                          {{8, near},
                           {2, rc::gen::arbitrary<std::int64_t>()},
                           {1, rc::gen::element(std::numeric_limits<std::int64_t>::min(),
                                                std::numeric_limits<std::int64_t>::max())}}),
                      [](std::int64_t ms) { return WallTime(Milliseconds(ms)); });
}

std::optional<WallTime> maybe_time() {
  return *rc::gen::arbitrary<bool>() ? std::optional(*any_time()) : std::nullopt;
}

/// 0 … last, as a value of an enumeration.
template <class Value>
Value any_up_to(Value last) {
  return static_cast<Value>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}

std::chrono::seconds any_span() {
  return std::chrono::seconds(
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 200'000),
                      rc::gen::just(std::numeric_limits<std::int64_t>::max())));
}

Instant any_instant() {
  Instant instant{.at = *any_time(),
                  .clock = any_up_to(ClockState::unset),
                  .clock_error = {},
                  .boot_id = *rc::gen::element<std::string>("first", "second", ""),
                  .monotonic_ns = *rc::gen::arbitrary<std::int64_t>()};
  if (*rc::gen::arbitrary<bool>())
    instant.clock_error = std::chrono::seconds(*rc::gen::inRange(0, 200'000));
  return instant;
}

PassPolicy any_policy() {
  PassPolicy policy;
  if (*rc::gen::arbitrary<bool>()) {
    policy.uses = *rc::gen::inRange(0U, 4U);
  } else {
    policy.uses.reset();
  }
  policy.reentry = any_up_to(Reentry::always);
  policy.reentry_within = any_span();
  policy.passback = any_span();
  if (*rc::gen::arbitrary<bool>()) policy.once_per_day = LocalCalendar::of("Europe/Berlin");
  policy.grace_before = any_span();
  policy.grace_after = any_span();
  if (*rc::gen::arbitrary<bool>()) policy.zones = {"north", "south"};
  if (*rc::gen::weightedElement<bool>({{4, false}, {1, true}})) {
    policy.only = any_up_to(Direction::exit);
  }
  policy.max_party = *rc::gen::inRange(1U, 4U);
  policy.partial_party = *rc::gen::arbitrary<bool>();
  policy.revoked = {"a thief's"};
  policy.blocked = {"a rowdy's"};
  policy.on_unknown = any_up_to(Fallback::admit);
  policy.on_stale = any_up_to(Fallback::admit);
  policy.max_cache_age = any_span();
  policy.max_skew = any_span();
  if (*rc::gen::arbitrary<bool>()) policy.max_clock_error = any_span();
  return policy;
}

Presentation any_presentation() {
  Presentation at;
  at.zone = *rc::gen::element<std::string>("north", "south", "west", "");
  at.direction =
      *rc::gen::weightedElement<Direction>({{4, Direction::entry}, {1, Direction::exit}});
  at.pass_id = *rc::gen::weightedElement<std::string>(
      {{8, "a guest's"}, {1, "a thief's"}, {1, "a rowdy's"}});
  at.party = *rc::gen::inRange(0U, 5U);
  const Instant now = any_instant();
  at.now = now.at;
  at.clock = now.clock;
  at.clock_error = now.clock_error;
  at.boot_id = now.boot_id;
  at.monotonic_ns = now.monotonic_ns;
  at.stamped_at = maybe_time();
  at.cryptogram_seen = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
  if (*rc::gen::arbitrary<bool>()) at.room = *rc::gen::inRange(0U, 5U);
  return at;
}

Situation any_situation() {
  Situation s{.policy = any_policy(), .at = any_presentation(), .belief = {}, .history = {}};
  s.belief.knowledge = any_up_to(Knowledge::listed);
  s.belief.state = any_up_to(PassState::unknown);
  s.belief.valid_from = maybe_time();
  s.belief.valid_until = maybe_time();
  s.belief.swept_at = maybe_time();
  s.history.uses = *rc::gen::oneOf(rc::gen::inRange(0U, 5U), rc::gen::arbitrary<unsigned>());
  s.history.last_use_no =
      *rc::gen::oneOf(rc::gen::just(s.history.uses), rc::gen::arbitrary<unsigned>());
  s.history.inside = *rc::gen::inRange(0U, 4U);
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) s.history.last_uses.push_back(any_instant());
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) s.history.last_entries.push_back(any_instant());
  return s;
}

void holds(const char* claim, const std::function<void(const Situation&)>& property) {
  check_property(claim, [&] { property(any_situation()); });
}

/// Without uses being asked for: nothing is consumed.
bool comes_free(const Situation& s) {
  return s.at.direction == Direction::exit || is_reentry(s.policy, s.at, s.history);
}

TEST(DecisionProperty, AnAdmissionConsumesTheNextUsesOrNone) {
  holds("a use_no only when admitted, and it is the next", [](const Situation& s) {
    const Verdict verdict = s.verdict();
    RC_ASSERT(verdict.decision != Decision::read);
    RC_ASSERT((verdict.decision == Decision::admit) == (verdict.reason == Reason::ok));
    const bool consumes = verdict.decision == Decision::admit && !comes_free(s);
    RC_ASSERT(verdict.use_no.has_value() == consumes);
    if (!consumes) return;
    RC_ASSERT(*verdict.use_no - 1 == s.history.last_use_no && *verdict.use_no > 0);
    RC_ASSERT(*verdict.use_no + verdict.party - 1 >= *verdict.use_no);
  });
}

TEST(DecisionProperty, NoMoreAreAdmittedThanTapUsesAndRoomAllow) {
  holds("party is within all three", [](const Situation& s) {
    const Verdict verdict = s.verdict();
    if (verdict.decision != Decision::admit) return;
    RC_ASSERT(verdict.party >= 1 && verdict.party <= s.at.party);
    RC_ASSERT(verdict.party <= s.policy.max_party);
    if (s.at.direction == Direction::entry && s.at.room) RC_ASSERT(verdict.party <= *s.at.room);
    if (verdict.use_no && s.policy.uses) {
      RC_ASSERT(std::uint64_t{s.history.uses} + verdict.party <= *s.policy.uses);
    }
    const bool fewer = verdict.party < s.at.party;
    RC_ASSERT(fewer == (verdict.flag == Flag::partial_party));
    RC_ASSERT(!fewer || s.policy.partial_party);
  });
}

TEST(DecisionProperty, ConsumedUsesNeverAdmitButForWhoComesBack) {
  holds("uses >= allowed => deny, or nothing is consumed", [](const Situation& s) {
    if (!s.policy.uses || s.history.uses < *s.policy.uses || comes_free(s)) return;
    RC_ASSERT(s.verdict().decision == Decision::deny);
  });
}

TEST(DecisionProperty, NobodyComesBackWhoIsNotOut) {
  holds("after_exit: inside never exceeds the uses", [](Situation s) {
    s.policy.reentry = Reentry::after_exit;
    const Verdict verdict = s.verdict();
    const bool free_entry = verdict.decision == Decision::admit && !verdict.use_no;
    if (s.at.direction == Direction::exit || !free_entry) return;
    RC_ASSERT(std::uint64_t{s.history.inside} + verdict.party <= s.history.uses);
  });
}

TEST(DecisionProperty, ACryptogramSeenBeforeNeverAdmits) {
  holds("seen => replayed", [](const Situation& s) {
    if (s.at.cryptogram_seen) RC_ASSERT(s.verdict().reason == Reason::replayed);
  });
}

TEST(DecisionProperty, WhoIsRevokedOrBlockedNeverGoesThroughEitherWay) {
  holds("listed => deny, and nothing but the cryptogram comes first", [](const Situation& s) {
    const bool revoked = s.at.pass_id == "a thief's";
    if (!revoked && s.at.pass_id != "a rowdy's") return;
    const Reason reason = s.verdict().reason;
    const bool cryptogram = reason == Reason::replayed || reason == Reason::stale_stamp ||
                            reason == Reason::clock_untrusted;
    RC_ASSERT(cryptogram || reason == (revoked ? Reason::revoked : Reason::blocked));
  });
}

TEST(DecisionProperty, AClockKnownToBeWrongDecidesNothingThatDependsOnTime) {
  holds("unset => time changes nothing", [](Situation s) {
    s.at.clock = ClockState::unset;
    const Verdict before = s.verdict();
    s.at.now = *any_time();
    const Verdict after = s.verdict();
    RC_ASSERT(before.decision == after.decision && before.reason == after.reason);
  });
}

TEST(DecisionProperty, AProviderThatRefusesIsNeverOverruledAtAnEntry) {
  holds("listed as void, expired, early or redeemed => deny", [](Situation s) {
    s.at.direction = Direction::entry;
    s.policy.grace_before = s.policy.grace_after = {};
    const bool refused = s.belief.state != PassState::valid && s.belief.state != PassState::unknown;
    const bool ours = s.belief.state == PassState::redeemed && comes_free(s);
    if (s.belief.knowledge == Knowledge::listed && refused && !ours) {
      RC_ASSERT(s.verdict().decision == Decision::deny);
    }
  });
}

TEST(DecisionProperty, WhatIsVoidDoesNotEvenGoOut) {
  holds("voided => deny", [](Situation s) {
    s.belief.knowledge = Knowledge::listed;
    s.belief.state = PassState::voided;
    RC_ASSERT(s.verdict().decision == Decision::deny);
  });
}

TEST(DecisionProperty, MoreUsesNeverTurnADenialIntoAnAdmission) {
  holds("monotone in history", [](Situation s) {
    s.policy.reentry = Reentry::never;
    const Verdict before = s.verdict();
    s.history.uses = *rc::gen::inRange(s.history.uses, std::numeric_limits<unsigned>::max());
    if (before.decision == Decision::deny) RC_ASSERT(s.verdict().decision == Decision::deny);
  });
}

TEST(DecisionProperty, WithoutAProviderItsRecordsDoNotMatter) {
  holds("no_provider => belief is irrelevant", [](Situation s) {
    s.belief = {}, s.belief.knowledge = Knowledge::no_provider;
    const Verdict bare = s.verdict();
    s.belief.state = any_up_to(PassState::unknown);
    s.belief.valid_until = maybe_time();
    s.belief.swept_at = maybe_time();
    RC_ASSERT(bare.reason == s.verdict().reason);
  });
}

}  // namespace
}  // namespace passgate::gate
