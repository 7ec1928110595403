// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <climits>

#include "core/require.h"
#include "crypto/openssl_ptr.h"

namespace passgate::crypto {
namespace {

/// Fetched once: EVP_sha256() would look the implementation up at every use.
const EVP_MD* fetched_sha256() {
  static const MdPtr md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  PG_REQUIRE(md);
  return md.get();
}

}  // namespace

Sha256 sha256(ByteView bytes) {
  Sha256 digest;
  PG_REQUIRE(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, fetched_sha256(),
                        nullptr) == 1);
  return digest;
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
  PG_REQUIRE(key.size() <= INT_MAX);
  Sha256 mac;
  // A null key would mean "keep the previous key", also when its length is 0.
  static constexpr std::uint8_t kNoKey[1] = {};
  PG_REQUIRE(HMAC(fetched_sha256(), key.empty() ? kNoKey : key.data(), static_cast<int>(key.size()),
                  message.data(), message.size(), mac.data(), nullptr) != nullptr);
  return mac;
}

void random_fill(std::span<std::uint8_t> out) {
  PG_REQUIRE(out.size() <= INT_MAX);
  PG_REQUIRE(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace passgate::crypto
