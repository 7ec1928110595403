// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <source_location>
#include <string_view>

#include "core/result.h"

namespace passgate::apdu::pcsc {

/// A PC/SC return code as one of ours. The detail of the error is the return
/// code itself, its 32 bits as a signed number.
///
///   card_removed      REMOVED_CARD, RESET_CARD, NO_SMARTCARD, UNPOWERED_CARD,
///                     UNRESPONSIVE_CARD, UNSUPPORTED_CARD, PROTO_MISMATCH and
///                     NOT_TRANSACTED: there is no card one could talk to.
///   reader_gone       READER_UNAVAILABLE, UNKNOWN_READER, and
///                     SHARING_VIOLATION: somebody else has the reader.
///   too_large         INSUFFICIENT_BUFFER.
///   stopped           CANCELLED.   deadline_exceeded  TIMEOUT.
///   pcsc_unavailable  everything else, whose cure is a new context.
///
/// NOT_TRANSACTED is the driver failing to reach the card; its handle stays
/// usable. In a field that is nearly always a phone that has just left, before
/// the reader's polling noticed; and the wallet commands are not idempotent. So
/// the conversation ends as if the card had left, and nothing is repeated.
Errc errc_of(long code) noexcept;

Error error_of(long code, std::source_location where = std::source_location::current()) noexcept;

/// "SCARD_W_REMOVED_CARD" for an error's detail; "SCARD_unknown" for a number
/// PC/SC does not define.
std::string_view return_code_name(std::int32_t detail) noexcept;

}  // namespace passgate::apdu::pcsc
