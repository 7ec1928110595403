// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/public_key.h"

namespace passgate::crypto {

/// SHA-256 of the identifier's bytes; how VAS names a merchant.
MerchantHash merchant_hash(const PassTypeId& id);

/// An Apple pass, opened and authentic.
struct OpenedVas {
  KeyId key_id;
  WallTime stamped_at;  ///< The phone's clock when it made the cryptogram.
  SecretBytes payload;  ///< `nfc.message` verbatim; any bytes, may be empty.
};

/// The private keys of one pass type identifier. Several while keys rotate.
/// Loaded once at start, immutable afterwards; shared by const reference
/// between threads. OpenSSL wipes the private values at destruction.
class VasKeyRing {
 public:
  explicit VasKeyRing(PassTypeId id);
  VasKeyRing(VasKeyRing&&) noexcept;
  VasKeyRing& operator=(VasKeyRing&&) noexcept;
  ~VasKeyRing();

  /// Adds a P-256 private key: PEM (SEC1 or PKCS#8), DER or 32 raw bytes.
  /// @return Its key id. Errors: bad_key.
  Result<KeyId> add(const SecretBytes& key);

  const PassTypeId& id() const noexcept;
  const MerchantHash& merchant() const noexcept;
  std::vector<KeyId> key_ids() const;

  /// Opens one cryptogram: picks the keys by id, agrees, derives, decrypts,
  /// checks the tag. Two keys with one id are both tried. Safe to call from
  /// several threads at once (each call borrows OpenSSL scratch of its own from
  /// the ring).
  ///
  /// @param cryptogram  Borrowed: key id[4] | X[32] | ciphertext | tag[16].
  /// Errors: too_short (< 52 bytes), too_large (> 32 KiB), unknown_key,
  /// bad_point, auth_failed, short_plaintext.
  Result<OpenedVas> open(ByteView cryptogram) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;  ///< Keeps OpenSSL out of this header.
};

}  // namespace passgate::crypto
