// SPDX-License-Identifier: Apache-2.0
#include "crypto/smart_tap_phone.h"

#include <span>
#include <utility>

#include "core/require.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"
#include "crypto/smart_tap_bundle.h"

namespace passgate::crypto {

struct CollectorPublicKey::Key {
  PkeyPtr pkey;
};

CollectorPublicKey::CollectorPublicKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
CollectorPublicKey::CollectorPublicKey(CollectorPublicKey&&) noexcept = default;
CollectorPublicKey& CollectorPublicKey::operator=(CollectorPublicKey&&) noexcept = default;
CollectorPublicKey::~CollectorPublicKey() = default;

Result<CollectorPublicKey> CollectorPublicKey::read(const SecretBytes& key) {
  auto pkey = read_private_key(key.expose());
  if (!pkey) pkey = read_public_key(key.expose());
  if (!pkey) return std::unexpected(pkey.error());
  return CollectorPublicKey(std::make_unique<Key>(std::move(*pkey)));
}

Status CollectorPublicKey::verify(SmartTapTranscript transcript, bool pre_signed,
                                  ByteView signature) const {
  const QuietErrors quiet;
  if (pre_signed) transcript.handset_nonce.fill(0);
  const Bytes message = transcript.bytes();
  const MdCtxPtr context(EVP_MD_CTX_new());
  PG_REQUIRE(context && EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr,
                                                key_->pkey.get(), nullptr) == 1);
  // Anything but 1 is a no: 0 a wrong signature, below 0 one that is not DER.
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) != 1) {
    return fail(Errc::auth_failed);
  }
  return {};
}

struct HandsetKey::Key {
  PkeyPtr pkey;
};

HandsetKey::HandsetKey(std::unique_ptr<Key> key)
    : key_(std::move(key)), public_key_(compressed(*key_->pkey)) {}
HandsetKey::HandsetKey(HandsetKey&&) noexcept = default;
HandsetKey& HandsetKey::operator=(HandsetKey&&) noexcept = default;
HandsetKey::~HandsetKey() = default;

HandsetKey HandsetKey::make() {
  return HandsetKey(std::make_unique<Key>(new_key()));
}

Result<HandsetKey> HandsetKey::recorded(const SecretBytes& scalar) {
  auto pkey = read_private_key(scalar.expose());
  if (!pkey) return std::unexpected(pkey.error());
  return HandsetKey(std::make_unique<Key>(std::move(*pkey)));
}

Result<BundleKeys> HandsetKey::agree(const SmartTapTranscript& transcript,
                                     ByteView signature) const {
  const QuietErrors quiet;
  const auto terminal = public_key_of(transcript.terminal_key);
  if (!terminal) return std::unexpected(terminal.error());
  Bytes info = transcript.bytes();
  append(info, signature);
  return derive_bundle_keys(key_->pkey.get(), terminal->get(), public_key_, info);
}

Bytes seal_bundle(const BundleKeys& keys, ByteView content) {
  const ByteView okm = keys.okm().expose();
  Bytes sealed(kBundleIv + content.size());
  const std::span all(sealed);
  random_fill(all.first(kBundleIv));
  aes_ctr(okm.first(kAesKey), all.first(kBundleIv), content, all.subspan(kBundleIv));
  append(sealed, hmac_sha256(okm.subspan(kAesKey), sealed));
  return sealed;
}

}  // namespace passgate::crypto
