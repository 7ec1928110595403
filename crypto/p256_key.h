// SPDX-License-Identifier: Apache-2.0
// Internal to crypto/.
#pragma once

#include <array>
#include <cstdint>

#include "core/bytes.h"
#include "core/result.h"
#include "crypto/openssl_ptr.h"

namespace passgate::crypto {

using Coordinate = std::array<std::uint8_t, 32>;

/// Reads a P-256 private key: PEM (SEC1 or PKCS#8, not encrypted), DER of
/// either, or the 32 bytes of the scalar. The key is checked to be consistent.
/// Errors: bad_key.
Result<PkeyPtr> read_private_key(ByteView encoded);

/// Reads a P-256 public key: PEM of its SubjectPublicKeyInfo. Errors: bad_key.
Result<PkeyPtr> read_public_key(ByteView pem);

/// The same in DER. Errors: bad_key.
Result<PkeyPtr> read_public_der(ByteView der);

/// A new key pair.
PkeyPtr new_key();

/// The key's public point: 02 or 03 by the parity of Y, then X.
std::array<std::uint8_t, 33> compressed(const EVP_PKEY& key);

/// X of the key's public point: 32 bytes, padded with zeros at the left.
Coordinate public_x(const EVP_PKEY& key);

}  // namespace passgate::crypto
