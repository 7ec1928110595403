// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "core/require.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"

namespace passgate::crypto {
namespace {

/// SubjectPublicKeyInfo of RFC 5480 up to the point: id-ecPublicKey, prime256v1,
/// a bit string of 33 bytes.
constexpr std::uint8_t kBeforePoint[] = {0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                         0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                         0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00};

}  // namespace

KeyId key_id_of(std::span<const std::uint8_t, 32> x) {
  const Sha256 digest = sha256(x);
  std::array<std::uint8_t, 4> id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return KeyId(id);
}

Result<PublicKey> PublicKey::of_private(const SecretBytes& key) {
  const auto pkey = read_private_key(key.expose());
  if (!pkey) return std::unexpected(pkey.error());
  return PublicKey(compressed(**pkey));
}

Result<PublicKey> PublicKey::read(ByteView der) {
  const auto pkey = read_public_der(der);
  if (!pkey) return std::unexpected(pkey.error());
  return PublicKey(compressed(**pkey));
}

KeyId PublicKey::id() const {
  return key_id_of(std::span(point_).last<32>());
}

Bytes PublicKey::compressed_der() const {
  Bytes der(sizeof kBeforePoint + point_.size());
  const auto point = std::ranges::copy(kBeforePoint, der.begin()).out;
  std::ranges::copy(point_, point);
  return der;
}

std::string PublicKey::pem() const {
  const auto key = read_public_der(compressed_der());
  PG_REQUIRE(key);  // It was a key when this was made.
  PG_REQUIRE(EVP_PKEY_set_utf8_string_param(key->get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                            OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) ==
             1);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PG_REQUIRE(bio && PEM_write_bio_PUBKEY(bio.get(), key->get()) == 1);
  std::string pem(BIO_ctrl_pending(bio.get()), '\0');
  std::size_t size = 0;
  PG_REQUIRE(BIO_read_ex(bio.get(), pem.data(), pem.size(), &size) == 1 && size == pem.size());
  return pem;
}

}  // namespace passgate::crypto
