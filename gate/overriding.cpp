// SPDX-License-Identifier: Apache-2.0
#include "gate/overriding.h"

#include <algorithm>

namespace passgate::gate {

Overriding overriding(Reason reason) noexcept {
  switch (reason) {
    case Reason::unknown:
    case Reason::voided:
    case Reason::expired:
    case Reason::not_yet_valid:
    case Reason::wrong_gate:
    case Reason::rule:
    case Reason::already_redeemed:
    case Reason::uses_exhausted:
    case Reason::passback:
    case Reason::direction:
    case Reason::capacity:
    case Reason::stale_cache:
    case Reason::stale_stamp:
    case Reason::clock_untrusted:
    case Reason::claim_unavailable:
    case Reason::provider_refused: return Overriding::allowed;
    case Reason::revoked:
    case Reason::blocked:
    case Reason::undecryptable:
    case Reason::replayed:
    case Reason::wrong_template: return Overriding::if_configured;
    case Reason::ok:
    case Reason::same_tap:
    case Reason::out_of_order:
    case Reason::locked:
    case Reason::choose:
    case Reason::no_pass:
    case Reason::not_a_wallet:
    case Reason::lost:
    case Reason::remote_unavailable: return Overriding::never;
  }
  return Overriding::never;
}

bool may_override(Reason reason, std::span<const Reason> configured) noexcept {
  const Overriding how = overriding(reason);
  return how == Overriding::allowed || (how == Overriding::if_configured &&
                                        std::ranges::find(configured, reason) != configured.end());
}

}  // namespace passgate::gate
