// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "apdu/session.h"
#include "tests/fuzz/fed_card.h"

namespace passgate::fuzz {

/// Drives `session` against `card` and traps when a promise of apdu/session.h
/// does not hold: the bounds on commands, the end that stays an end, an outcome
/// only after every command was answered, the closed list of errors.
/// @param errors  What the session's header lists.
Result<apdu::Outcome> drive_watched(apdu::WalletSession& session, FedCard& card, const Clock& clock,
                                    std::span<const Errc> errors);

}  // namespace passgate::fuzz
