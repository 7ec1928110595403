// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gate/decision.h"

namespace passgate::gate {

/// Whether the entry would be a re-entry: people of this pass come back under
/// uses that were consumed before. False when nobody can tell.
bool is_reentry(const PassPolicy& policy, const Presentation& at, const History& history) noexcept;

/// The last part of decide(), for an entry that nothing else speaks against:
/// anti-passback, re-entry, once a day, uses, capacity; in this order. Pure.
Verdict judge_entry(const PassPolicy& policy, const Presentation& at,
                    const History& history) noexcept;

}  // namespace passgate::gate
