// SPDX-License-Identifier: Apache-2.0
#include "gate/decision.h"

#include <algorithm>
#include <limits>

namespace passgate::gate {
namespace {

using Count = WallTime::rep;

Verdict deny(Reason reason) noexcept {
  return {.decision = Decision::deny, .reason = reason, .use_no = {}};
}

/// Milliseconds; stops at the ends of the range instead of wrapping.
Count in_ms(std::chrono::seconds span) noexcept {
  Count ms = 0;
  if (!__builtin_mul_overflow(span.count(), Count{1000}, &ms)) return ms;
  return span.count() < 0 ? std::numeric_limits<Count>::min() : std::numeric_limits<Count>::max();
}

// Saturating too: one operand is configured, the other may come from a file.
WallTime before(WallTime time, std::chrono::seconds span) noexcept {
  Count ms = 0;
  const bool over = __builtin_sub_overflow(time.time_since_epoch().count(), in_ms(span), &ms);
  return over ? WallTime::min() : WallTime(Milliseconds(ms));
}
WallTime after(WallTime time, std::chrono::seconds span) noexcept {
  Count ms = 0;
  const bool over = __builtin_add_overflow(time.time_since_epoch().count(), in_ms(span), &ms);
  return over ? WallTime::max() : WallTime(Milliseconds(ms));
}

/// Was this very answer of the phone made here and now?
std::optional<Reason> judge_cryptogram(const PassPolicy& policy, const Presentation& at) noexcept {
  if (at.cryptogram_seen) return Reason::replayed;
  if (policy.max_skew <= std::chrono::seconds::zero() || !at.stamped_at) return std::nullopt;
  if (at.clock == ClockState::unset) return Reason::clock_untrusted;
  const bool fresh = *at.stamped_at >= before(at.now, policy.max_skew) &&
                     *at.stamped_at <= after(at.now, policy.max_skew);
  return fresh ? std::nullopt : std::optional(Reason::stale_stamp);
}

/// May the mirror be believed? With a clock known to be wrong no age can be told,
/// and what cannot be told to be fresh is not.
std::optional<Reason> judge_age(const PassPolicy& policy, const Presentation& at,
                                const Belief& belief) noexcept {
  if (policy.on_stale == Fallback::admit) return std::nullopt;
  if (belief.knowledge == Belief::Knowledge::no_mirror || !belief.swept_at) {
    return Reason::stale_cache;
  }
  if (at.clock == ClockState::unset) return Reason::clock_untrusted;
  return is_stale(policy, belief, at.now) ? std::optional(Reason::stale_cache) : std::nullopt;
}

std::optional<Reason> judge_state(const PassPolicy& policy, const Belief& belief) noexcept {
  const std::optional<Reason> if_unknown =
      policy.on_unknown == Fallback::deny ? std::optional(Reason::unknown) : std::nullopt;
  if (belief.knowledge == Belief::Knowledge::not_listed) return if_unknown;
  switch (belief.state) {
    case PassState::valid: return std::nullopt;
    case PassState::redeemed: return Reason::already_redeemed;
    case PassState::voided: return Reason::voided;
    case PassState::expired: return Reason::expired;
    case PassState::not_yet_valid: return Reason::not_yet_valid;
    case PassState::unknown: return if_unknown;
  }
  return if_unknown;
}

std::optional<Reason> judge_window(const Presentation& at, const Belief& belief) noexcept {
  if (!belief.valid_from && !belief.valid_until) return std::nullopt;
  if (at.clock == ClockState::unset) return Reason::clock_untrusted;
  if (belief.valid_from && at.now < *belief.valid_from) return Reason::not_yet_valid;
  if (belief.valid_until && at.now > *belief.valid_until) return Reason::expired;
  return std::nullopt;
}

/// What the provider's cloud knows of the pass, as far as it is known here.
std::optional<Reason> judge_validity(const PassPolicy& policy, const Presentation& at,
                                     const Belief& belief) noexcept {
  if (belief.knowledge == Belief::Knowledge::no_provider) return std::nullopt;
  if (const auto reason = judge_age(policy, at, belief)) return reason;
  if (belief.knowledge == Belief::Knowledge::no_mirror) return std::nullopt;
  if (const auto reason = judge_state(policy, belief)) return reason;
  if (belief.knowledge == Belief::Knowledge::not_listed) return std::nullopt;
  return judge_window(at, belief);
}

bool may_enter(const PassPolicy& policy, const std::string& zone) noexcept {
  return policy.zones.empty() || std::ranges::find(policy.zones, zone) != policy.zones.end();
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
  if (const auto reason = judge_cryptogram(policy, presentation)) return deny(*reason);
  if (const auto reason = judge_validity(policy, presentation, belief)) return deny(*reason);
  if (!may_enter(policy, presentation.zone)) return deny(Reason::wrong_gate);
  if (policy.uses && history.uses >= *policy.uses) {
    return deny(*policy.uses == 1 ? Reason::already_redeemed : Reason::uses_exhausted);
  }
  // Nobody taps four thousand million times; a damaged count must not wrap to use 0.
  if (history.last_use_no == std::numeric_limits<unsigned>::max()) {
    return deny(Reason::uses_exhausted);
  }
  return {.decision = Decision::admit, .reason = Reason::ok, .use_no = history.last_use_no + 1};
}

}  // namespace passgate::gate
