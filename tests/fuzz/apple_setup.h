// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/apple_vas.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {

/// What an Apple session's header lists.
inline constexpr Errc kAppleErrors[] = {
    Errc::bad_length,    Errc::bad_value,         Errc::too_large,      Errc::bad_version,
    Errc::no_cryptogram, Errc::unexpected_status, Errc::out_of_sequence};

/// A request from two bytes of the input:
///   bits 0-2 merchants; 3-4 mode, 0 for the default; 5 nonce; 6 filter; 7 URL
///   length of the URL; some are too long
apdu::VasRequest take_vas_request(Input& input);

/// What is true of an end of VAS with this request.
void check_apple_outcome(const apdu::VasRequest& request, const apdu::Outcome& outcome);

}  // namespace passgate::fuzz
