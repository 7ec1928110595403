// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/push_secrets.h"

#include "crypto/digest.h"

namespace passgate::sync {

bool PushSecrets::hold(std::string_view text) const noexcept {
  bool found = false;
  for (const auto& secret : secrets_) {
    found |= equal_in_constant_time(secret.expose(), bytes_of(text));
  }
  return found;
}

bool PushSecrets::signed_by_one(std::string_view message,
                                std::span<const std::string_view> signatures) const {
  bool found = false;
  for (const auto& secret : secrets_) {
    const auto expected = to_hex(crypto::hmac_sha256(secret.expose(), bytes_of(message)));
    for (const auto signature : signatures) {
      found |= equal_in_constant_time(bytes_of(expected), bytes_of(signature));
    }
  }
  return found;
}

}  // namespace passgate::sync
