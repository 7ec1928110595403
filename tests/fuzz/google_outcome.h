// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/session.h"
#include "tests/fuzz/android_card.h"

namespace passgate::fuzz {

/// Opens what an outcome of Smart Tap carries and checks that it opens to what
/// the phone sealed, and that an encrypted bundle which it did not seal never opens.
/// @param phone  Null when the input itself was the phone.
void check_google_outcome(const apdu::Outcome& outcome, const AndroidCard* phone);

}  // namespace passgate::fuzz
