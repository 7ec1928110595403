// SPDX-License-Identifier: Apache-2.0
// Internal to crypto/: how the keys of a Smart Tap session come about and what
// they do. Shared by the terminal's half (SmartTapEphemeral, BundleKeys) and the
// phone's (smart_tap_phone).
#pragma once

#include <span>

#include "core/bytes.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/openssl_ptr.h"
#include "crypto/smart_tap.h"

namespace passgate::crypto {

// An encrypted bundle: iv[12] | ciphertext | HMAC-SHA256(iv | ciphertext)[32].
inline constexpr std::size_t kBundleIv = 12;
inline constexpr std::size_t kBundleMac = 32;
inline constexpr std::size_t kAesKey = 16;

/// The public key of a point as it travels. Errors: bad_point.
Result<PkeyPtr> public_key_of(const CompressedPoint& point);

/// Z of `own` and `peer`, then HKDF-SHA256(Z, salt, info) for 48 bytes.
/// Errors: bad_point.
Result<BundleKeys> derive_bundle_keys(EVP_PKEY* own, EVP_PKEY* peer, ByteView salt, ByteView info);

/// AES-128-CTR from the block iv | 00000000; encrypting and decrypting are one.
void aes_ctr(ByteView key, ByteView iv, ByteView in, std::span<std::uint8_t> out);

}  // namespace passgate::crypto
