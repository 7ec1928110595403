// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "apdu/session.h"

namespace passgate::apdu {

/// One line for a person and for the `==` line of a recorded tap:
///   apple-passes N | google-passes COLLECTOR | url-accepted | not-a-wallet [LABEL] | phone-locked
///   | no-matching-pass | choose-on-phone | error NAME [DETAIL]
/// A status word stands as four hex digits, any other detail that is not 0 in
/// decimal. Never pass content.
std::string outcome_text(const Result<Outcome>& outcome);
std::string outcome_text(const Outcome& outcome);

}  // namespace passgate::apdu
