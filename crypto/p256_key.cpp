// SPDX-License-Identifier: Apache-2.0
#include "crypto/p256_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string_view>

#include "core/require.h"
#include "core/secret.h"

namespace passgate::crypto {
namespace {

constexpr std::size_t kMaxEncodedKey = std::size_t{64} * 1024;

BioPtr reader_of(ByteView bytes) {
  BioPtr bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  PG_REQUIRE(bio);
  return bio;
}

PkeyPtr from_der(ByteView der) {
  const std::uint8_t* cursor = der.data();
  PkeyPtr key(
      d2i_AutoPrivateKey_ex(nullptr, &cursor, static_cast<long>(der.size()), nullptr, nullptr));
  if (key && cursor != der.data() + der.size()) return nullptr;
  return key;
}

/// Wraps the scalar as an ECPrivateKey of RFC 5915 without public point:
/// OpenSSL then computes the point, which EVP_PKEY_fromdata would not do.
PkeyPtr from_scalar(ByteView scalar) {
  static constexpr std::uint8_t kBefore[] = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20};
  static constexpr std::uint8_t kAfter[] = {
      // [0] { OBJECT IDENTIFIER prime256v1 }
      0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
  Secret<sizeof kBefore + 32 + sizeof kAfter> der;
  auto out = der.writable().begin();
  out = std::ranges::copy(kBefore, out).out;
  out = std::ranges::copy(scalar, out).out;
  std::ranges::copy(kAfter, out);
  return from_der(der.expose());
}

bool is_p256(const EVP_PKEY& key) {
  char group[32] = {};
  return EVP_PKEY_is_a(&key, "EC") == 1 &&
         EVP_PKEY_get_group_name(&key, group, sizeof group, nullptr) == 1 &&
         std::string_view(group) == SN_X9_62_prime256v1;
}

bool is_pem(ByteView encoded) {
  return text_of(encoded).find("-----BEGIN ") != std::string_view::npos;
}

/// A check once at start is cheap; an inconsistent key would fail at the gate.
template <auto Check>
bool passes(EVP_PKEY* key) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  PG_REQUIRE(context);
  return Check(context.get()) == 1;
}

Result<PkeyPtr> checked_public_key(PkeyPtr key) {
  if (!key || !is_p256(*key) || !passes<EVP_PKEY_public_check>(key.get())) {
    return fail(Errc::bad_key);
  }
  return key;
}

}  // namespace

Result<PkeyPtr> read_private_key(ByteView encoded) {
  const QuietErrors quiet;
  if (encoded.empty() || encoded.size() > kMaxEncodedKey) return fail(Errc::bad_key);
  PkeyPtr key;
  if (encoded.size() == 32) {
    key = from_scalar(encoded);
  } else if (is_pem(encoded)) {
    key.reset(PEM_read_bio_PrivateKey(reader_of(encoded).get(), nullptr, no_password, nullptr));
  } else {
    key = from_der(encoded);
  }
  if (!key || !is_p256(*key) || !passes<EVP_PKEY_check>(key.get())) return fail(Errc::bad_key);
  return key;
}

Result<PkeyPtr> read_public_key(ByteView pem) {
  const QuietErrors quiet;
  if (pem.empty() || pem.size() > kMaxEncodedKey) return fail(Errc::bad_key);
  return checked_public_key(
      PkeyPtr(PEM_read_bio_PUBKEY(reader_of(pem).get(), nullptr, no_password, nullptr)));
}

Result<PkeyPtr> read_public_der(ByteView der) {
  const QuietErrors quiet;
  if (der.empty() || der.size() > kMaxEncodedKey) return fail(Errc::bad_key);
  const std::uint8_t* cursor = der.data();
  PkeyPtr key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(der.size())));
  if (cursor != der.data() + der.size()) return fail(Errc::bad_key);
  return checked_public_key(std::move(key));
}

PkeyPtr new_key() {
  PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  PG_REQUIRE(key);
  return key;
}

std::array<std::uint8_t, 33> compressed(const EVP_PKEY& key) {
  // The point is encoded as the key's file had it: 04|X|Y or 02|X or 03|X.
  std::array<std::uint8_t, 65> point{};
  std::size_t size = 0;
  PG_REQUIRE(EVP_PKEY_get_octet_string_param(&key, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                             point.size(), &size) == 1);
  std::array<std::uint8_t, 33> out{};
  PG_REQUIRE(size == point.size() || size == out.size());
  std::copy_n(point.begin(), out.size(), out.begin());
  if (size == point.size()) out[0] = (point.back() & 1) != 0 ? 0x03 : 0x02;
  return out;
}

Coordinate public_x(const EVP_PKEY& key) {
  const auto point = compressed(key);
  Coordinate x;
  std::copy_n(point.begin() + 1, x.size(), x.begin());
  return x;
}

}  // namespace passgate::crypto
