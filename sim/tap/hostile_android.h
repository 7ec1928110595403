// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

namespace passgate::sim {

/// An Android phone as far as its answer to GET DATA, which is the attacker's:
/// it accepts every NEGOTIATE and then hands over a bundle, or says "more data"
/// for ever.
/// @param command  Of a reader. @param bundle  Makes it; null: more data.
/// @return The answer with its status word.
Bytes hostile_android_answer(ByteView command, Bytes (*bundle)());

/// A compressed bundle of a few kilobytes that inflates to four megabytes.
Bytes bomb();
/// A bundle whose record claims a payload of 4 GiB.
Bytes lying_bundle();

}  // namespace passgate::sim
