// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "apdu/session.h"

namespace passgate::apdu {

/// One line for a person and for the `==` line of a recorded tap:
///   apple-passes N | google-passes COLLECTOR | url-accepted | not-a-wallet [LABEL] | phone-locked
///   | no-matching-pass | choose-on-phone | error NAME [DETAIL]
/// DETAIL is a status word in four hex digits where the error has one: always for
/// unexpected_status and too_many_requests; for bad_version and
/// unknown_collector, which may have a version or a session status instead, from
/// 6000 on. Any other detail that is not 0 is decimal. Never pass content.
std::string outcome_text(const Result<Outcome>& outcome);
std::string outcome_text(const Outcome& outcome);

}  // namespace passgate::apdu
