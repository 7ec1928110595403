// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/smart_tap.h"
#include "apdu/smart_tap_object.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {

/// What a Smart Tap session's header lists.
inline constexpr Errc kSmartTapErrors[] = {
    Errc::too_short,         Errc::bad_length,        Errc::bad_value,
    Errc::too_large,         Errc::bad_version,       Errc::missing_record,
    Errc::wrong_session,     Errc::bad_point,         Errc::unknown_collector,
    Errc::too_many_requests, Errc::unexpected_status, Errc::out_of_sequence};

/// The session of every attempt: fixed, so that seeds and inputs stay good.
inline constexpr crypto::SmartTapSessionId kSession = {'f', 'u', 'z', 'z', 's', 'e', 's', 's'};

/// A request from two bytes of the input:
///   bits 0-2 how many attempts, with none and too many among them; 3 of different
///            collectors; 4 pre-signed; 5 without `pcr`; 6-7 how many services
///   bit n    attempt n authenticates itself
/// Its signatures are no ECDSA: nothing here checks them, and equal inputs must
/// give equal runs.
apdu::SmartTapRequest take_smart_tap_request(Input& input);

/// What is true of any objects that were read.
void check_objects(const Result<std::vector<apdu::SmartTapObject>>& objects);

}  // namespace passgate::fuzz
