// SPDX-License-Identifier: Apache-2.0
#include "crypto/vas_cipher.h"

#include <algorithm>
#include <climits>
#include <string_view>

#include "core/require.h"

namespace passgate::crypto {
namespace {

using namespace std::string_view_literals;

constexpr auto kAlgorithm = "\x0Did-aes256-GCM"sv;  // its length, then its name
constexpr auto kLabel = "ApplePay encrypted VAS data"sv;
constexpr std::uint8_t kFirstBlock[4] = {0, 0, 0, 1};  // counter of X9.63
// 16 zero bytes, not the usual 12: GCM then hashes the IV (SP 800-38D §7.1).
constexpr std::uint8_t kIv[16] = {};
constexpr std::uint8_t kZeroKey[32] = {};

int length_of(ByteView bytes) {
  PG_REQUIRE(bytes.size() <= INT_MAX);
  return static_cast<int>(bytes.size());
}

}  // namespace

VasBinding current_binding(const MerchantHash& merchant) {
  VasBinding binding;
  append(binding.shared_info, bytes_of(kAlgorithm));
  append(binding.shared_info, bytes_of(kLabel));
  append(binding.shared_info, merchant.value());
  return binding;
}

VasBinding legacy_binding(const MerchantHash& merchant) {
  VasBinding binding;
  append(binding.shared_info, bytes_of(kLabel));
  append(binding.aad, merchant.value());
  return binding;
}

VasCipher::VasCipher()
    : gcm_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)),
      sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
      cipher_(EVP_CIPHER_CTX_new()),
      digest_(EVP_MD_CTX_new()) {
  PG_REQUIRE(gcm_ && sha256_ && cipher_ && digest_);
  PG_REQUIRE(EVP_CipherInit_ex2(cipher_.get(), gcm_.get(), nullptr, nullptr, 0, nullptr) == 1);
  PG_REQUIRE(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_IVLEN, sizeof kIv, nullptr) == 1);
}

Secret<32> VasCipher::derive_key(const Secret<32>& z, ByteView shared_info) {
  Secret<32> key;
  auto* digest = digest_.get();
  PG_REQUIRE(EVP_DigestInit_ex2(digest, sha256_.get(), nullptr) == 1);
  PG_REQUIRE(EVP_DigestUpdate(digest, z.expose().data(), z.expose().size()) == 1);
  PG_REQUIRE(EVP_DigestUpdate(digest, kFirstBlock, sizeof kFirstBlock) == 1);
  PG_REQUIRE(EVP_DigestUpdate(digest, shared_info.data(), shared_info.size()) == 1);
  PG_REQUIRE(EVP_DigestFinal_ex(digest, key.writable().data(), nullptr) == 1);
  // The chaining state is the key: do not keep it until the next tap.
  PG_REQUIRE(EVP_DigestInit_ex2(digest, sha256_.get(), nullptr) == 1);
  return key;
}

bool VasCipher::open(const Secret<32>& key, ByteView aad, ByteView sealed,
                     std::span<std::uint8_t> plain) {
  PG_REQUIRE(sealed.size() == plain.size() + kTagSize);
  const ByteView ciphertext = sealed.first(plain.size());
  std::array<std::uint8_t, kTagSize> tag;
  std::copy_n(sealed.end() - kTagSize, kTagSize, tag.begin());

  auto* cipher = cipher_.get();
  int n = 0;
  bool ok = EVP_CipherInit_ex2(cipher, nullptr, key.expose().data(), kIv, 0, nullptr) == 1;
  if (ok && !aad.empty()) {
    ok = EVP_CipherUpdate(cipher, nullptr, &n, aad.data(), length_of(aad)) == 1;
  }
  if (ok && !ciphertext.empty()) {
    ok = EVP_CipherUpdate(cipher, plain.data(), &n, ciphertext.data(), length_of(ciphertext)) == 1;
  }
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1;
  std::uint8_t nothing[16];  // GCM is a stream mode: the last step writes nothing
  ok = ok && EVP_CipherFinal_ex(cipher, nothing, &n) == 1;
  forget_key();
  return ok;
}

Bytes VasCipher::seal(const Secret<32>& key, ByteView aad, ByteView plain) {
  Bytes sealed(plain.size() + kTagSize);
  auto* cipher = cipher_.get();
  int n = 0;
  PG_REQUIRE(EVP_CipherInit_ex2(cipher, nullptr, key.expose().data(), kIv, 1, nullptr) == 1);
  if (!aad.empty()) {
    PG_REQUIRE(EVP_CipherUpdate(cipher, nullptr, &n, aad.data(), length_of(aad)) == 1);
  }
  if (!plain.empty()) {
    PG_REQUIRE(EVP_CipherUpdate(cipher, sealed.data(), &n, plain.data(), length_of(plain)) == 1);
  }
  std::uint8_t nothing[16];
  PG_REQUIRE(EVP_CipherFinal_ex(cipher, nothing, &n) == 1);
  PG_REQUIRE(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kTagSize,
                                 sealed.data() + plain.size()) == 1);
  forget_key();
  return sealed;
}

/// Overwrites the key schedule that the context would keep until its next use.
void VasCipher::forget_key() {
  PG_REQUIRE(EVP_CipherInit_ex2(cipher_.get(), nullptr, kZeroKey, kIv, 0, nullptr) == 1);
}

bool agree(EVP_PKEY_CTX* context, EVP_PKEY* peer, bool validate_peer, Secret<32>& z) {
  std::size_t size = z.writable().size();
  return EVP_PKEY_derive_set_peer_ex(context, peer, validate_peer ? 1 : 0) == 1 &&
         EVP_PKEY_derive(context, z.writable().data(), &size) == 1 && size == 32;
}

}  // namespace passgate::crypto
