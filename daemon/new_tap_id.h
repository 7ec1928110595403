// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/ids.h"
#include "crypto/digest.h"

namespace passgate::daemon {

/// For a tap, or for what an operator does about one. Thread-safe.
inline TapId new_tap_id(WallTime at) {
  std::array<std::uint8_t, 10> random{};
  crypto::random_fill(random);
  return TapId::make(at, random);
}

}  // namespace passgate::daemon
