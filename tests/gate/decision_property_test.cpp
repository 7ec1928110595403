// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

#include "gate/decision.h"
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

Situation any_situation() {
  Situation s;
  if (*rc::gen::arbitrary<bool>()) {
    s.policy.uses = *rc::gen::inRange(0U, 4U);
  } else {
    s.policy.uses.reset();
  }
  if (*rc::gen::arbitrary<bool>()) s.policy.zones = {"north", "south"};
  s.policy.on_unknown = any_up_to(Fallback::admit);
  s.policy.on_stale = any_up_to(Fallback::admit);
  s.policy.max_cache_age = any_span();
  s.policy.max_skew = any_span();
  s.at.zone = *rc::gen::element<std::string>("north", "south", "west", "");
  s.at.now = *any_time();
  s.at.clock = any_up_to(ClockState::unset);
  s.at.stamped_at = maybe_time();
  s.at.cryptogram_seen = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
  s.belief.knowledge = any_up_to(Knowledge::listed);
  s.belief.state = any_up_to(PassState::unknown);
  s.belief.valid_from = maybe_time();
  s.belief.valid_until = maybe_time();
  s.belief.swept_at = maybe_time();
  s.history.uses = *rc::gen::oneOf(rc::gen::inRange(0U, 5U), rc::gen::arbitrary<unsigned>());
  s.history.last_use_no = s.history.uses;
  return s;
}

void holds(const char* claim, const std::function<void(const Situation&)>& property) {
  check_property(claim, [&] { property(any_situation()); });
}

TEST(DecisionProperty, AnAdmissionConsumesExactlyTheNextUse) {
  holds("admit <=> use_no, and it is uses + 1", [](const Situation& s) {
    const Verdict verdict = s.verdict();
    RC_ASSERT(verdict.decision != Decision::read);
    RC_ASSERT((verdict.decision == Decision::admit) == verdict.use_no.has_value());
    RC_ASSERT((verdict.decision == Decision::admit) == (verdict.reason == Reason::ok));
    if (verdict.use_no)
      RC_ASSERT(*verdict.use_no - 1 == s.history.last_use_no && *verdict.use_no > 0);
  });
}

TEST(DecisionProperty, ConsumedUsesNeverAdmit) {
  holds("uses >= allowed => deny", [](const Situation& s) {
    if (s.policy.uses && s.history.uses >= *s.policy.uses) {
      RC_ASSERT(s.verdict().decision == Decision::deny);
    }
  });
}

TEST(DecisionProperty, ACryptogramSeenBeforeNeverAdmits) {
  holds("seen => replayed", [](const Situation& s) {
    if (s.at.cryptogram_seen) RC_ASSERT(s.verdict().reason == Reason::replayed);
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

TEST(DecisionProperty, AProviderThatRefusesIsNeverOverruledWhileItsWordIsFresh) {
  holds("listed as void, expired, early or redeemed => deny", [](const Situation& s) {
    const bool refused = s.belief.state != PassState::valid && s.belief.state != PassState::unknown;
    if (s.belief.knowledge == Knowledge::listed && refused) {
      RC_ASSERT(s.verdict().decision == Decision::deny);
    }
  });
}

TEST(DecisionProperty, MoreUsesNeverTurnADenialIntoAnAdmission) {
  holds("monotone in history", [](Situation s) {
    const Verdict before = s.verdict();
    s.history.last_use_no = s.history.uses;
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
