// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/bytes.h"

namespace passgate::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(ByteView bytes);
Sha256 hmac_sha256(ByteView key, ByteView message);

/// Fills `out` from the system's random source; aborts when there is none,
/// because a predictable id or nonce is worse than a stopped terminal.
void random_fill(std::span<std::uint8_t> out);

}  // namespace passgate::crypto
