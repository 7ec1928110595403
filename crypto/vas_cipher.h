// SPDX-License-Identifier: Apache-2.0
// Internal to crypto/: how a VAS cryptogram is keyed and sealed. Shared by the
// terminal's half (VasKeyRing) and the phone's half (seal_vas).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/secret.h"
#include "crypto/openssl_ptr.h"

namespace passgate::crypto {

// Layout of a cryptogram: key id[4] | X[32] | ciphertext | tag[16]; and of the
// plaintext: timestamp[4] | message.
inline constexpr std::size_t kKeyIdSize = 4;
inline constexpr std::size_t kPointSize = 32;
inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kStampSize = 4;
inline constexpr std::size_t kSmallestCryptogram = kKeyIdSize + kPointSize + kTagSize;

/// 2001-01-01 00:00:00 UTC, where a phone's timestamps start.
inline constexpr std::chrono::sys_seconds kAppleEpoch{std::chrono::seconds(978307200)};

/// What the key derivation and the tag are bound to besides the shared secret.
struct VasBinding {
  Bytes shared_info;  ///< X9.63 SharedInfo.
  Bytes aad;          ///< Additional authenticated data of the cipher.
};
/// 0D | "id-aes256-GCM" | "ApplePay encrypted VAS data" | merchant; no AAD.
VasBinding current_binding(const MerchantHash& merchant);
/// "ApplePay encrypted VAS data"; the merchant is the AAD. Known to other
/// readers as an older form, not seen in any capture.
VasBinding legacy_binding(const MerchantHash& merchant);

/// SHA-256 and AES-256-GCM, fetched and allocated once. One user at a time.
class VasCipher {
 public:
  VasCipher();
  /// K of ANSI X9.63 with SHA-256: one block, SHA-256(Z | 00000001 | SharedInfo).
  Secret<32> derive_key(const Secret<32>& z, ByteView shared_info);
  /// @param sealed  Ciphertext and tag.
  /// @param plain   As long as the ciphertext; worthless when false is returned.
  bool open(const Secret<32>& key, ByteView aad, ByteView sealed, std::span<std::uint8_t> plain);
  /// Ciphertext and tag.
  Bytes seal(const Secret<32>& key, ByteView aad, ByteView plain);

 private:
  void forget_key();

  CipherPtr gcm_;
  MdPtr sha256_;
  CipherCtxPtr cipher_;
  MdCtxPtr digest_;
};

/// Z: X of `own`'s scalar times `peer`'s point. False when OpenSSL refuses.
/// @param context  Of the own key, initialised for derivation.
/// @param validate_peer  Costs a second scalar multiplication. Redundant for a
///        point that was set from its encoding: then it was proved to lie on the
///        curve, and the cofactor of P-256 is 1.
bool agree(EVP_PKEY_CTX* context, EVP_PKEY* peer, bool validate_peer, Secret<32>& z);

}  // namespace passgate::crypto
