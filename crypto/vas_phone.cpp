// SPDX-License-Identifier: Apache-2.0
#include "crypto/vas_phone.h"

#include <algorithm>
#include <limits>

#include "core/require.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"
#include "crypto/vas_cipher.h"
#include "crypto/vas_key_ring.h"

namespace passgate::crypto {
namespace {

/// Seconds since 2001 as a phone can say them: before and after, the nearest.
std::uint32_t apple_seconds(WallTime time) {
  const auto since = std::chrono::floor<std::chrono::seconds>(time) - kAppleEpoch;
  const std::int64_t seconds{since.count()};
  constexpr std::int64_t kLast = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp(seconds, std::int64_t{0}, kLast));
}

}  // namespace

Result<Bytes> seal_vas(const SecretBytes& terminal_key, const PassTypeId& id, WallTime stamp,
                       ByteView payload) {
  const QuietErrors quiet;
  auto terminal = read_private_key(terminal_key.expose());
  if (!terminal) terminal = read_public_key(terminal_key.expose());
  if (!terminal) return std::unexpected(terminal.error());

  const PkeyPtr ephemeral = new_key();
  const PkeyCtxPtr derivation(EVP_PKEY_CTX_new_from_pkey(nullptr, ephemeral.get(), nullptr));
  PG_REQUIRE(derivation && EVP_PKEY_derive_init(derivation.get()) == 1);
  Secret<32> z;
  if (!agree(derivation.get(), terminal->get(), /*validate_peer=*/true, z)) {
    return fail(Errc::bad_key);
  }
  VasCipher cipher;
  const VasBinding binding = current_binding(merchant_hash(id));
  const Secret<32> key = cipher.derive_key(z, binding.shared_info);

  Bytes plain;
  append_be32(plain, apple_seconds(stamp));
  append(plain, payload);
  const Sha256 key_digest = sha256(public_x(**terminal));
  Bytes cryptogram(key_digest.begin(), key_digest.begin() + kKeyIdSize);
  append(cryptogram, public_x(*ephemeral));
  append(cryptogram, cipher.seal(key, binding.aad, plain));
  wipe(plain);
  return cryptogram;
}

}  // namespace passgate::crypto
