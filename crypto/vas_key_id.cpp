// SPDX-License-Identifier: Apache-2.0
#include "crypto/vas_key_id.h"

#include <algorithm>
#include <array>

#include "crypto/vas_cipher.h"

namespace passgate::crypto {

std::optional<KeyId> key_id_in(ByteView cryptogram) {
  if (cryptogram.size() < kSmallestCryptogram) return std::nullopt;
  std::array<std::uint8_t, kKeyIdSize> id{};
  std::ranges::copy(cryptogram.first(kKeyIdSize), id.begin());
  return KeyId(id);
}

}  // namespace passgate::crypto
