// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/fresh_id.h"

#include <array>
#include <cstdint>

#include "core/bytes.h"
#include "core/ids.h"
#include "crypto/digest.h"

namespace passgate::sim {

std::string fresh_id(std::string_view prefix) {
  std::array<std::uint8_t, 12> random{};
  crypto::random_fill(random);
  return std::string(prefix) + to_hex(random);
}

std::string fresh_uuid(WallTime now) {
  std::array<std::uint8_t, 10> random{};
  crypto::random_fill(random);
  return TapId::make(now, random).text();
}

}  // namespace passgate::sim
