// SPDX-License-Identifier: Apache-2.0
#include "crypto/p256_point.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <algorithm>

#include "core/require.h"

namespace passgate::crypto {

PointFinder::PointFinder()
    : context_(BN_CTX_new()),
      montgomery_(BN_MONT_CTX_new()),
      p_(BN_new()),
      b_(BN_new()),
      x_(BN_new()),
      y_(BN_new()),
      square_(BN_new()),
      t_(BN_new()) {
  const std::unique_ptr<EC_GROUP, Releaser<EC_GROUP_free>> curve(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  PG_REQUIRE(curve && context_ && montgomery_ && p_ && b_ && x_ && y_ && square_ && t_);
  PG_REQUIRE(EC_GROUP_get_curve(curve.get(), p_.get(), nullptr, t_.get(), context_.get()) == 1);
  PG_REQUIRE(BN_MONT_CTX_set(montgomery_.get(), p_.get(), context_.get()) == 1);
  PG_REQUIRE(BN_to_montgomery(b_.get(), t_.get(), montgomery_.get(), context_.get()) == 1);
}

UncompressedPoint PointFinder::find(const Coordinate& x) {
  auto* const mont = montgomery_.get();
  auto* const context = context_.get();
  PG_REQUIRE(BN_bin2bn(x.data(), static_cast<int>(x.size()), t_.get()) != nullptr);
  PG_REQUIRE(BN_to_montgomery(x_.get(), t_.get(), mont, context) == 1);

  // y^2 = x^3 - 3x + b
  PG_REQUIRE(BN_mod_mul_montgomery(square_.get(), x_.get(), x_.get(), mont, context) == 1);
  multiply(square_.get(), x_.get());
  for (int i = 0; i < 3; ++i) {
    PG_REQUIRE(BN_mod_sub_quick(square_.get(), square_.get(), x_.get(), p_.get()) == 1);
  }
  PG_REQUIRE(BN_mod_add_quick(square_.get(), square_.get(), b_.get(), p_.get()) == 1);

  // p = 3 mod 4, so a root is (y^2)^((p+1)/4), and (p+1)/4 is 2^254 - 2^222 +
  // 2^190 + 2^94: 32 ones, then a one after 32 bits and one after 96, and 94
  // zeros. The ones double: 1, 2, 4, 8, 16, 32.
  PG_REQUIRE(BN_copy(y_.get(), square_.get()) != nullptr);
  for (int ones = 1; ones < 32; ones *= 2) {
    PG_REQUIRE(BN_copy(t_.get(), y_.get()) != nullptr);
    square(y_.get(), ones);
    multiply(y_.get(), t_.get());
  }
  square(y_.get(), 32);
  multiply(y_.get(), square_.get());
  square(y_.get(), 96);
  multiply(y_.get(), square_.get());
  square(y_.get(), 94);

  PG_REQUIRE(BN_from_montgomery(t_.get(), y_.get(), mont, context) == 1);
  UncompressedPoint point{0x04};
  std::ranges::copy(x, point.begin() + 1);
  PG_REQUIRE(BN_bn2binpad(t_.get(), point.data() + 33, 32) == 32);
  return point;
}

void PointFinder::multiply(BIGNUM* r, const BIGNUM* by) {
  PG_REQUIRE(BN_mod_mul_montgomery(r, r, by, montgomery_.get(), context_.get()) == 1);
}

void PointFinder::square(BIGNUM* r, int times) {
  for (int i = 0; i < times; ++i) multiply(r, r);
}

}  // namespace passgate::crypto
