// SPDX-License-Identifier: Apache-2.0
#include "crypto/smart_tap_bundle.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <array>
#include <climits>

#include "core/require.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"
#include "crypto/vas_cipher.h"

namespace passgate::crypto {
namespace {

constexpr std::size_t kLargestBundle = std::size_t{64} * 1024;

using KdfPtr = std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>>;
using KdfCtxPtr = std::unique_ptr<EVP_KDF_CTX, Releaser<EVP_KDF_CTX_free>>;

// OpenSSL takes octet strings as non-const and does not write to them.
OSSL_PARAM octets(const char* key, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

Secret<48> hkdf_sha256(const Secret<32>& z, ByteView salt, ByteView info) {
  static const KdfPtr kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
  PG_REQUIRE(kdf);
  const KdfCtxPtr context(EVP_KDF_CTX_new(kdf.get()));
  PG_REQUIRE(context);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      octets(OSSL_KDF_PARAM_KEY, z.expose()), octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  Secret<48> okm;
  const auto out = okm.writable();
  PG_REQUIRE(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1);
  return okm;
}

}  // namespace

Result<PkeyPtr> public_key_of(const CompressedPoint& point) {
  static const PkeyPtr any = new_key();
  PkeyPtr key(EVP_PKEY_new());
  PG_REQUIRE(key && EVP_PKEY_copy_parameters(key.get(), any.get()) == 1);
  if (EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1) {
    return fail(Errc::bad_point);
  }
  return key;
}

Result<BundleKeys> derive_bundle_keys(EVP_PKEY* own, EVP_PKEY* peer, ByteView salt, ByteView info) {
  const PkeyCtxPtr derivation(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  PG_REQUIRE(derivation && EVP_PKEY_derive_init(derivation.get()) == 1);
  Secret<32> z;
  if (!agree(derivation.get(), peer, /*validate_peer=*/false, z)) return fail(Errc::bad_point);
  return BundleKeys(hkdf_sha256(z, salt, info));
}

void aes_ctr(ByteView key, ByteView iv, ByteView in, std::span<std::uint8_t> out) {
  static const CipherPtr ctr(EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr));
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  PG_REQUIRE(ctr && context && key.size() == kAesKey && iv.size() == kBundleIv);
  PG_REQUIRE(in.size() <= INT_MAX && out.size() == in.size());
  std::array<std::uint8_t, 16> block{};
  std::ranges::copy(iv, block.begin());
  int written = 0;
  PG_REQUIRE(EVP_EncryptInit_ex2(context.get(), ctr.get(), key.data(), block.data(), nullptr) == 1);
  PG_REQUIRE(EVP_EncryptUpdate(context.get(), out.data(), &written, in.data(),
                               static_cast<int>(in.size())) == 1);
}

Result<SecretBytes> BundleKeys::open(ByteView body) const {
  if (body.size() < kBundleIv + kBundleMac) return fail(Errc::too_short);
  if (body.size() > kLargestBundle) return fail(Errc::too_large);
  const ByteView aes = okm_.expose().first(kAesKey);
  const ByteView mac = okm_.expose().subspan(kAesKey);
  const ByteView signed_part = body.first(body.size() - kBundleMac);
  if (!equal_in_constant_time(hmac_sha256(mac, signed_part), body.last(kBundleMac))) {
    return fail(Errc::auth_failed);
  }
  SecretBytes plain(signed_part.size() - kBundleIv);
  aes_ctr(aes, signed_part.first(kBundleIv), signed_part.subspan(kBundleIv), plain.writable());
  return plain;
}

}  // namespace passgate::crypto
