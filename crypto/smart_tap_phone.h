// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/bytes.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/smart_tap.h"

namespace passgate::crypto {

// The phone's half of Smart Tap, for the simulator and tests; not linked into
// the daemons (its own library, passgate_crypto_phone).

/// The public half of a collector's long-term key, as a phone has it from Google.
class CollectorPublicKey {
 public:
  /// @param key  A private key as CollectorKeys::add takes it, of which only the
  ///             public half is used, or a PEM public key. Errors: bad_key.
  static Result<CollectorPublicKey> read(const SecretBytes& key);
  CollectorPublicKey(CollectorPublicKey&&) noexcept;
  CollectorPublicKey& operator=(CollectorPublicKey&&) noexcept;
  ~CollectorPublicKey();

  /// Whether the collector signed this transcript.
  /// @param pre_signed  It was signed before there was a phone: 32 zeros stand
  ///                    for the handset's nonce.
  /// @param signature   DER.
  /// Errors: auth_failed.
  Status verify(SmartTapTranscript transcript, bool pre_signed, ByteView signature) const;

 private:
  struct Key;  ///< Keeps OpenSSL out of this header.
  explicit CollectorPublicKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

/// A handset's ephemeral P-256 key of one activation.
class HandsetKey {
 public:
  static HandsetKey make();
  /// The one of a published session. @param scalar  32 bytes. Errors: bad_key.
  static Result<HandsetKey> recorded(const SecretBytes& scalar);
  HandsetKey(HandsetKey&&) noexcept;
  HandsetKey& operator=(HandsetKey&&) noexcept;
  ~HandsetKey();

  const CompressedPoint& public_key() const noexcept { return public_key_; }

  /// ECDH with the terminal's key of the transcript, then HKDF-SHA256 as
  /// SmartTapEphemeral::agree does it. Errors: bad_point.
  Result<BundleKeys> agree(const SmartTapTranscript& transcript, ByteView signature) const;

 private:
  struct Key;
  explicit HandsetKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
  CompressedPoint public_key_{};
};

/// iv[12] | ciphertext | HMAC[32], with a random iv: what BundleKeys::open opens.
/// @param content  At most 2 GiB.
Bytes seal_bundle(const BundleKeys& keys, ByteView content);

}  // namespace passgate::crypto
