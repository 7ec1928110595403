// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

namespace passgate::sim {

/// An Android phone as far as its answer to GET DATA, which is the attacker's:
/// it accepts every NEGOTIATE and then hands over `bundle`, or says "more data"
/// for ever when that is empty.
/// @param command  Of a reader; @return answer with status word.
Bytes hostile_android_answer(ByteView command, ByteView bundle);

/// A compressed bundle of a few kilobytes that inflates to four megabytes.
Bytes bomb();
/// A bundle whose record claims a payload of 4 GiB.
Bytes lying_bundle();

}  // namespace passgate::sim
