// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "core/bytes.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/tagged.h"

namespace passgate::crypto {

/// First 4 bytes of SHA-256 over a public key's X coordinate (32 bytes, padded).
/// A VAS cryptogram names its key this way. Short and not authenticated: a
/// hint, never a proof.
using KeyId = Tagged<std::array<std::uint8_t, 4>, struct KeyIdTag>;

KeyId key_id_of(std::span<const std::uint8_t, 32> x);

/// The public half of a P-256 key; a value. What a person hands to Apple or
/// Google, and what tells whether two files belong together.
class PublicKey {
 public:
  using Point = std::array<std::uint8_t, 33>;  ///< 02 or 03 by the parity of Y, then X.

  /// @param point  Of the curve.
  explicit PublicKey(const Point& point) noexcept : point_(point) {}
  /// Of a private key as VasKeyRing::add takes it. Errors: bad_key.
  static Result<PublicKey> of_private(const SecretBytes& key);
  /// Of a SubjectPublicKeyInfo in DER, its point compressed or not. Errors: bad_key.
  static Result<PublicKey> read(ByteView der);

  KeyId id() const;
  /// DER of the SubjectPublicKeyInfo with a compressed point. In base64 it is the
  /// `nfc.encryptionPublicKey` of a pass.
  Bytes compressed_der() const;
  /// PEM of the SubjectPublicKeyInfo, its point not compressed.
  std::string pem() const;

  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  Point point_;
};

}  // namespace passgate::crypto
