// SPDX-License-Identifier: Apache-2.0
#include "gate/entry_rules.h"

#include <algorithm>
#include <limits>

#include "gate/clock_judgement.h"
#include "gate/time_span.h"

namespace passgate::gate {
namespace {

Verdict refuse(const Presentation& at, Reason reason) noexcept {
  return {.decision = Decision::deny, .reason = reason, .use_no = {}, .party = at.party};
}

/// What cannot be told is refused; if our clock is to blame, it is named.
Reason unless_clock_is_wrong(const PassPolicy& policy, const Presentation& at,
                             Reason reason) noexcept {
  return clock_is_wrong(policy, at) ? Reason::clock_untrusted : reason;
}

Reason no_use_left(const PassPolicy& policy, const History& history) noexcept {
  const bool the_one = policy.uses == 1U && history.uses > 0;
  return the_one ? Reason::already_redeemed : Reason::uses_exhausted;
}

/// Whether time enough has gone by since each of them; absent: nobody can tell.
std::optional<bool> certainly_over(const std::vector<Instant>& instants, const Presentation& at,
                                   std::chrono::seconds span) noexcept {
  bool known = true;
  for (const Instant& instant : instants) {
    const auto ago = elapsed(reading_of(instant), reading_of(at));
    if (ago && ago->least < in_ms(span)) return false;
    known = known && ago;
  }
  return known ? std::optional(true) : std::nullopt;
}

/// Whether the last of them is certainly not longer ago: one that is young enough will do.
bool certainly_within(const std::vector<Instant>& instants, const Presentation& at,
                      std::chrono::seconds span) noexcept {
  return std::ranges::any_of(instants, [&](const Instant& instant) {
    const auto ago = elapsed(reading_of(instant), reading_of(at));
    return ago && ago->most <= in_ms(span);
  });
}

bool cannot_be_told(const std::vector<Instant>& instants, const Presentation& at) noexcept {
  return std::ranges::any_of(instants, [&](const Instant& instant) {
    return !elapsed(reading_of(instant), reading_of(at));
  });
}

/// Somebody is inside, and the last entry may have been just now.
std::optional<Reason> judge_passback(const PassPolicy& policy, const Presentation& at,
                                     const History& history) noexcept {
  if (history.inside == 0) return std::nullopt;
  if (!policy.uses && policy.reentry == Reentry::after_exit) return Reason::passback;
  if (policy.passback <= std::chrono::seconds::zero()) return std::nullopt;
  const auto over = certainly_over(history.last_entries, at, policy.passback);
  if (!over) return unless_clock_is_wrong(policy, at, Reason::passback);
  return *over ? std::nullopt : std::optional(Reason::passback);
}

/// Whether people of this pass are out who have a use already.
bool somebody_is_out(const PassPolicy& policy, const Presentation& at,
                     const History& history) noexcept {
  if (at.party > history.uses) return false;
  return policy.reentry == Reentry::always || history.inside <= history.uses - at.party;
}

std::optional<Reason> judge_day(const PassPolicy& policy, const Presentation& at,
                                const History& history) noexcept {
  if (!policy.once_per_day) return std::nullopt;
  const bool later = std::ranges::all_of(history.last_uses, [&](const Instant& use) {
    return certainly_a_later_day(*policy.once_per_day, reading_of(use), reading_of(at));
  });
  if (later) return std::nullopt;
  return unless_clock_is_wrong(policy, at, Reason::already_redeemed);
}

/// Nobody has a use left. Why, to the steward: the pass may have gone over the
/// fence, may be back too late, or come back at a time that nobody can tell.
Reason why_no_use(const PassPolicy& policy, const Presentation& at,
                  const History& history) noexcept {
  if (policy.reentry == Reentry::after_exit && history.inside > 0) return Reason::passback;
  const Reason spent = no_use_left(policy, history);
  const bool in_time_maybe = policy.reentry != Reentry::never &&
                             somebody_is_out(policy, at, history) &&
                             cannot_be_told(history.last_uses, at);
  return in_time_maybe ? unless_clock_is_wrong(policy, at, spent) : spent;
}

/// Nobody taps four thousand million times; a damaged count must not wrap to use 0.
unsigned numbers_left(const History& history) noexcept {
  return std::numeric_limits<unsigned>::max() - history.last_use_no;
}

Verdict judge_uses(const PassPolicy& policy, const Presentation& at,
                   const History& history) noexcept {
  unsigned left = numbers_left(history);
  if (policy.uses) left = std::min(left, *policy.uses - std::min(history.uses, *policy.uses));
  if (left == 0) return refuse(at, why_no_use(policy, at, history));
  if (at.party > left && !policy.partial_party) return refuse(at, Reason::uses_exhausted);
  return {.decision = Decision::admit,
          .reason = Reason::ok,
          .use_no = history.last_use_no + 1,
          .party = std::min(at.party, left),
          .flag = at.party > left ? Flag::partial_party : Flag::none};
}

}  // namespace

bool is_reentry(const PassPolicy& policy, const Presentation& at, const History& history) noexcept {
  if (policy.reentry == Reentry::never || !policy.uses) return false;
  if (!somebody_is_out(policy, at, history)) return false;
  if (policy.reentry_within <= std::chrono::seconds::zero()) return true;
  // None: so long ago that its record is gone.
  return certainly_within(history.last_uses, at, policy.reentry_within);
}

Verdict judge_entry(const PassPolicy& policy, const Presentation& at,
                    const History& history) noexcept {
  if (const auto reason = judge_passback(policy, at, history)) return refuse(at, *reason);
  Verdict verdict{.decision = Decision::admit, .reason = Reason::ok, .party = at.party};
  if (!is_reentry(policy, at, history)) {
    if (const auto reason = judge_day(policy, at, history)) return refuse(at, *reason);
    verdict = judge_uses(policy, at, history);
  }
  const bool full = at.room && verdict.party > *at.room;
  return verdict.decision == Decision::admit && full ? refuse(at, Reason::capacity) : verdict;
}

}  // namespace passgate::gate
