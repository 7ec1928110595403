// SPDX-License-Identifier: Apache-2.0
#include "terms/pass_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace passgate::terms {
namespace {

gate::Reentry reentry(runtime::ReentryRule rule) {
  switch (rule) {
    case runtime::ReentryRule::never: return gate::Reentry::never;
    case runtime::ReentryRule::after_exit: return gate::Reentry::after_exit;
    case runtime::ReentryRule::always: return gate::Reentry::always;
  }
  return gate::Reentry::never;
}

gate::Fallback fallback(runtime::OnDoubt doubt) {
  return doubt == runtime::OnDoubt::admit ? gate::Fallback::admit : gate::Fallback::deny;
}

std::vector<std::string> sorted(std::vector<std::string> ids) {
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

std::expected<gate::PassPolicy, std::string> policy_of(const runtime::PassConfig& pass) {
  std::optional<gate::LocalCalendar> calendar;
  if (!pass.once_per_day.empty()) {
    calendar = gate::LocalCalendar::of(pass.once_per_day);
    if (!calendar) {
      return std::unexpected(fmt::format("{}:{}: pass {}: once_per_day: there is no time zone {}",
                                         pass.origin.file.string(), pass.origin.line, pass.name,
                                         pass.once_per_day));
    }
  }
  return gate::PassPolicy{
      .uses = pass.uses,
      .uses_per_zone = pass.uses_per_zone,
      .reentry = reentry(pass.reentry),
      .reentry_within = pass.reentry_within,
      .passback = pass.passback,
      .once_per_day = calendar,
      .grace_before = pass.grace_before,
      .grace_after = pass.grace_after,
      .zones = pass.zones,
      .only = gate::direction_from(pass.direction),
      .max_party = pass.max_party,
      .partial_party = pass.partial_party,
      .revoked = sorted(pass.revoked),
      .blocked = sorted(pass.blocked),
      .on_unknown = fallback(pass.on_unknown),
      .on_stale = fallback(pass.on_stale),
      .max_cache_age = pass.max_cache_age,
      .max_skew = pass.max_skew,
      .max_clock_error = pass.max_clock_error,
  };
}

}  // namespace passgate::terms
