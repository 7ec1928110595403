// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/public_key.h"

namespace passgate::crypto {

using SmartTapNonce = std::array<std::uint8_t, 32>;
using SmartTapSessionId = std::array<std::uint8_t, 8>;
/// A P-256 point: 02 or 03, then X.
using CompressedPoint = std::array<std::uint8_t, 33>;

/// What an authentication is made over, and what its keys are bound to
/// (docs/protocols/google-smart-tap.md, "Keys").
struct SmartTapTranscript {
  SmartTapNonce terminal_nonce;
  SmartTapNonce handset_nonce;
  CollectorId collector;
  CompressedPoint terminal_key;

  /// The 101 bytes in wire order. In pre-signed mode 32 zeros stand for the
  /// handset's nonce in what is signed; in what the keys are derived from never.
  Bytes bytes() const;
};

/// The two keys of one session: AES-128 and HMAC-SHA256. Wiped at the end.
class BundleKeys {
 public:
  /// @param okm  48 bytes of HKDF: the AES key, then the HMAC key.
  explicit BundleKeys(Secret<48> okm) noexcept : okm_(std::move(okm)) {}
  BundleKeys(BundleKeys&&) noexcept = default;
  BundleKeys& operator=(BundleKeys&&) noexcept = default;

  /// Opens iv[12] | ciphertext | HMAC[32]. Nothing is decrypted before the HMAC
  /// was found right.
  /// Errors: too_short (< 44 bytes), too_large (> 64 KiB), auth_failed.
  Result<SecretBytes> open(ByteView body) const;

  /// The 48 bytes, for the virtual phone and for test vectors.
  const Secret<48>& okm() const noexcept { return okm_; }

 private:
  Secret<48> okm_;
};

/// What a terminal makes fresh for one authentication: a nonce, a session id, an
/// ephemeral P-256 key. Made before the phone comes, used once: it can only be
/// moved, and `agree` uses it up.
class SmartTapEphemeral {
 public:
  static SmartTapEphemeral make();
  /// The one of a recorded or published session.
  /// @param scalar  32 bytes. Errors: bad_key.
  static Result<SmartTapEphemeral> recorded(const SecretBytes& scalar, const SmartTapNonce& nonce,
                                            const SmartTapSessionId& session);
  SmartTapEphemeral(SmartTapEphemeral&&) noexcept;
  SmartTapEphemeral& operator=(SmartTapEphemeral&&) noexcept;
  ~SmartTapEphemeral();

  const SmartTapNonce& nonce() const noexcept { return nonce_; }
  const SmartTapSessionId& session() const noexcept { return session_; }
  const CompressedPoint& public_key() const noexcept { return public_key_; }

  /// ECDH with the handset's key, then HKDF-SHA256: salt the handset's 33 bytes
  /// as received, info the transcript and the signature.
  /// @param signature  DER, as it was sent.
  /// Errors: bad_point (not on the curve).
  Result<BundleKeys> agree(const CompressedPoint& handset_key, const SmartTapTranscript& transcript,
                           ByteView signature) &&;

 private:
  struct Key;  ///< Keeps OpenSSL out of this header.
  SmartTapEphemeral(std::unique_ptr<Key> key, const SmartTapNonce& nonce,
                    const SmartTapSessionId& session);
  std::unique_ptr<Key> key_;
  SmartTapNonce nonce_;
  SmartTapSessionId session_;
  CompressedPoint public_key_{};
};

/// The long-term private keys of one collector, by the version under which
/// Google knows their public halves. Loaded once at start, immutable
/// afterwards; shared by const reference between threads.
class CollectorKeys {
 public:
  explicit CollectorKeys(CollectorId id);
  CollectorKeys(CollectorKeys&&) noexcept;
  CollectorKeys& operator=(CollectorKeys&&) noexcept;
  ~CollectorKeys();

  /// Adds a P-256 private key: PEM (SEC1 or PKCS#8), DER or 32 raw bytes.
  /// Errors: bad_key; bad_value (this version is there already).
  Status add(std::uint32_t version, const SecretBytes& key);

  CollectorId id() const noexcept { return id_; }
  /// Newest, that is highest, first: the order in which a phone is asked.
  std::vector<std::uint32_t> versions() const;
  /// @param version  One of versions().
  KeyId key_id(std::uint32_t version) const;

  /// ECDSA with SHA-256, DER: 68 to 72 bytes. Thread-safe.
  /// @param version  One of versions().
  Bytes sign(std::uint32_t version, ByteView message) const;

 private:
  struct Key;
  CollectorId id_;
  std::vector<Key> keys_;
};

}  // namespace passgate::crypto
