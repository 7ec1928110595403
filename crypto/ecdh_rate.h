// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace passgate::crypto {

/// How many times a second this thread can do nothing but EVP_PKEY_derive on
/// P-256: the ceiling for opening VAS cryptograms. For benchmarks; in
/// passgate_crypto_phone, so that the daemons do not carry it.
/// @param duration  At least this long, set-up not counted.
double raw_ecdh_per_second(std::chrono::milliseconds duration);

}  // namespace passgate::crypto
