// SPDX-License-Identifier: Apache-2.0
#include "crypto/ecdh_rate.h"

#include <cstdint>

#include "core/require.h"
#include "crypto/p256_key.h"

namespace passgate::crypto {

double raw_ecdh_per_second(std::chrono::milliseconds duration) {
  const PkeyPtr own = new_key();
  const PkeyPtr peer = new_key();
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  PG_REQUIRE(context && EVP_PKEY_derive_init(context.get()) == 1);
  PG_REQUIRE(EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1);

  constexpr int kBetweenClockReads = 16;
  std::uint8_t z[32];
  std::uint64_t done = 0;
  const auto start = std::chrono::steady_clock::now();
  auto spent = std::chrono::steady_clock::duration::zero();
  while (spent < duration) {
    for (int i = 0; i < kBetweenClockReads; ++i) {
      std::size_t size = sizeof z;
      PG_REQUIRE(EVP_PKEY_derive(context.get(), z, &size) == 1);
    }
    done += kBetweenClockReads;
    spent = std::chrono::steady_clock::now() - start;
  }
  return static_cast<double>(done) / std::chrono::duration<double>(spent).count();
}

}  // namespace passgate::crypto
