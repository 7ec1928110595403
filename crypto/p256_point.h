// SPDX-License-Identifier: Apache-2.0
// Internal to crypto/.
#pragma once

#include <openssl/bn.h>

#include <array>
#include <cstdint>
#include <memory>

#include "crypto/openssl_ptr.h"
#include "crypto/p256_key.h"

namespace passgate::crypto {

/// 04 | X | Y, SEC1 §2.3.3.
using UncompressedPoint = std::array<std::uint8_t, 65>;

/// Finds a Y for an X of P-256, with one set of numbers allocated once. The
/// same as handing OpenSSL the compressed point, in 7 µs instead of 12, which
/// is a tenth of opening a cryptogram. One user at a time.
///
/// X comes from a phone in clear, so nothing here is secret. Nor is the result
/// trusted: OpenSSL refuses a point that does not lie on the curve when it is
/// set, and that is what comes out when X has no Y or is not below p.
class PointFinder {
 public:
  PointFinder();
  /// Either of the two Y; which one does not matter to an ECDH secret.
  UncompressedPoint find(const Coordinate& x);

 private:
  using BnPtr = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
  void multiply(BIGNUM* r, const BIGNUM* by);
  void square(BIGNUM* r, int times);

  std::unique_ptr<BN_CTX, Releaser<BN_CTX_free>> context_;
  std::unique_ptr<BN_MONT_CTX, Releaser<BN_MONT_CTX_free>> montgomery_;
  BnPtr p_, b_;               ///< Of the curve; b as a Montgomery number.
  BnPtr x_, y_, square_, t_;  ///< Kept for their memory only.
};

}  // namespace passgate::crypto
