// SPDX-License-Identifier: Apache-2.0
#include "gate/decision.h"

#include <algorithm>

#include "gate/clock_judgement.h"
#include "gate/entry_rules.h"
#include "gate/time_span.h"

namespace passgate::gate {
namespace {

Verdict deny(const Presentation& at, Reason reason) noexcept {
  return {.decision = Decision::deny, .reason = reason, .use_no = {}, .party = at.party};
}

bool stands_in(const std::vector<std::string>& sorted, const std::string& pass_id) noexcept {
  return std::ranges::binary_search(sorted, pass_id);
}

/// Was this very answer of the phone made here and now?
std::optional<Reason> judge_cryptogram(const PassPolicy& policy, const Presentation& at) noexcept {
  if (at.cryptogram_seen) return Reason::replayed;
  if (policy.max_skew <= std::chrono::seconds::zero() || !at.stamped_at) return std::nullopt;
  if (clock_is_wrong(policy, at)) return Reason::clock_untrusted;
  const bool fresh = *at.stamped_at >= before(at.now, policy.max_skew) &&
                     *at.stamped_at <= after(at.now, policy.max_skew);
  return fresh ? std::nullopt : std::optional(Reason::stale_stamp);
}

/// The organiser's own lists. Whoever stands there is known, so they come before
/// what a cloud knows: nothing that is overridden later hides them.
std::optional<Reason> judge_lists(const PassPolicy& policy, const Presentation& at) noexcept {
  if (stands_in(policy.revoked, at.pass_id)) return Reason::revoked;
  if (stands_in(policy.blocked, at.pass_id)) return Reason::blocked;
  return std::nullopt;
}

/// May the mirror be believed? With a clock known to be wrong no age can be told,
/// and what cannot be told to be fresh is not.
std::optional<Reason> judge_age(const PassPolicy& policy, const Presentation& at,
                                const Belief& belief) noexcept {
  if (policy.on_stale == Fallback::admit) return std::nullopt;
  if (belief.knowledge == Belief::Knowledge::no_mirror || !belief.swept_at) {
    return Reason::stale_cache;
  }
  if (clock_is_wrong(policy, at)) return Reason::clock_untrusted;
  return is_stale(policy, belief, at.now) ? std::optional(Reason::stale_cache) : std::nullopt;
}

/// What holds at an exit too. A pass that is not listed has no state.
std::optional<Reason> judge_standing(const PassPolicy& policy, const Belief& belief) noexcept {
  const bool listed = belief.knowledge == Belief::Knowledge::listed;
  if (listed && belief.state == PassState::voided) return Reason::voided;
  const bool unknown = !listed || belief.state == PassState::unknown;
  if (unknown && policy.on_unknown == Fallback::deny) return Reason::unknown;
  return std::nullopt;
}

/// Whether the cloud says so because of a date, to which the policy adds some
/// grace: then judge_window looks at the date itself - or finds the clock wrong.
bool is_by_date(const PassPolicy& policy, const Presentation& at, const Belief& belief) noexcept {
  const bool wrong = clock_is_wrong(policy, at);
  if (belief.state == PassState::expired) {
    return policy.grace_after.count() > 0 && belief.valid_until &&
           (wrong || at.now >= *belief.valid_until);
  }
  return policy.grace_before.count() > 0 && belief.valid_from &&
         (wrong || at.now < *belief.valid_from);
}

/// What else the cloud says, to somebody who wants in. What it says redeemed may
/// be our own doing: who comes back under that use asks for no other.
std::optional<Reason> judge_state(const PassPolicy& policy, const Presentation& at,
                                  const Belief& belief, const History& history) noexcept {
  switch (belief.state) {
    case PassState::redeemed:
      if (is_reentry(policy, at, history)) return std::nullopt;
      return Reason::already_redeemed;
    case PassState::expired:
      if (is_by_date(policy, at, belief)) return std::nullopt;
      return Reason::expired;
    case PassState::not_yet_valid:
      if (is_by_date(policy, at, belief)) return std::nullopt;
      return Reason::not_yet_valid;
    case PassState::valid:
    case PassState::voided:
    case PassState::unknown: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Reason> judge_window(const PassPolicy& policy, const Presentation& at,
                                   const Belief& belief) noexcept {
  if (!belief.valid_from && !belief.valid_until) return std::nullopt;
  if (clock_is_wrong(policy, at)) return Reason::clock_untrusted;
  if (belief.valid_from && at.now < before(*belief.valid_from, policy.grace_before)) {
    return Reason::not_yet_valid;
  }
  if (belief.valid_until && at.now > after(*belief.valid_until, policy.grace_after)) {
    return Reason::expired;
  }
  return std::nullopt;
}

/// What the provider's cloud knows of the pass, as far as it is known here.
std::optional<Reason> judge_validity(const PassPolicy& policy, const Presentation& at,
                                     const Belief& belief, const History& history) noexcept {
  using Knowledge = Belief::Knowledge;
  if (belief.knowledge == Knowledge::no_provider) return std::nullopt;
  const bool entry = at.direction == Direction::entry;
  if (entry) {
    if (const auto reason = judge_age(policy, at, belief)) return reason;
  }
  if (belief.knowledge == Knowledge::no_mirror) return std::nullopt;
  if (const auto reason = judge_standing(policy, belief)) return reason;
  if (!entry || belief.knowledge == Knowledge::not_listed) return std::nullopt;
  if (const auto reason = judge_state(policy, at, belief, history)) return reason;
  return judge_window(policy, at, belief);
}

bool may_enter(const PassPolicy& policy, const std::string& zone) noexcept {
  return policy.zones.empty() || std::ranges::find(policy.zones, zone) != policy.zones.end();
}

/// Is this the place, and are they as many as may come?
std::optional<Reason> judge_place(const PassPolicy& policy, const Presentation& at) noexcept {
  if (!may_enter(policy, at.zone)) return Reason::wrong_gate;
  if (policy.only && *policy.only != at.direction) return Reason::direction;
  if (at.party == 0 || at.party > policy.max_party) return Reason::rule;
  return std::nullopt;
}

}  // namespace

/// A sweep in the future is a clock stepped back since: the belief is as young as
/// it can be.
bool is_stale(const PassPolicy& policy, const Belief& belief, WallTime now) noexcept {
  if (belief.knowledge == Belief::Knowledge::no_mirror || !belief.swept_at) return true;
  return *belief.swept_at < before(now, policy.max_cache_age);
}

Verdict decide(const PassPolicy& policy, const Presentation& presentation, const Belief& belief,
               const History& history) noexcept {
  const Presentation& at = presentation;
  if (const auto reason = judge_cryptogram(policy, at)) return deny(at, *reason);
  if (const auto reason = judge_lists(policy, at)) return deny(at, *reason);
  if (const auto reason = judge_validity(policy, at, belief, history)) return deny(at, *reason);
  if (const auto reason = judge_place(policy, at)) return deny(at, *reason);
  if (at.direction == Direction::entry) return judge_entry(policy, at, history);
  return {.decision = Decision::admit,
          .reason = Reason::ok,
          .use_no = {},
          .party = at.party,
          .flag = history.inside < at.party ? Flag::exit_without_entry : Flag::none};
}

}  // namespace passgate::gate
