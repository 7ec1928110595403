// SPDX-License-Identifier: Apache-2.0
#include "crypto/smart_tap.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "core/require.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"
#include "crypto/smart_tap_bundle.h"

namespace passgate::crypto {

Bytes SmartTapTranscript::bytes() const {
  Bytes all;
  all.reserve(101);
  append(all, terminal_nonce);
  append(all, handset_nonce);
  append_be32(all, collector.value());
  append(all, terminal_key);
  return all;
}

struct SmartTapEphemeral::Key {
  PkeyPtr pkey;
};

SmartTapEphemeral::SmartTapEphemeral(std::unique_ptr<Key> key, const SmartTapNonce& nonce,
                                     const SmartTapSessionId& session)
    : key_(std::move(key)),
      nonce_(nonce),
      session_(session),
      public_key_(compressed(*key_->pkey)) {}
SmartTapEphemeral::SmartTapEphemeral(SmartTapEphemeral&&) noexcept = default;
SmartTapEphemeral& SmartTapEphemeral::operator=(SmartTapEphemeral&&) noexcept = default;
SmartTapEphemeral::~SmartTapEphemeral() = default;

SmartTapEphemeral SmartTapEphemeral::make() {
  SmartTapNonce nonce;
  SmartTapSessionId session;
  random_fill(nonce);
  random_fill(session);
  return {std::make_unique<Key>(new_key()), nonce, session};
}

Result<SmartTapEphemeral> SmartTapEphemeral::recorded(const SecretBytes& scalar,
                                                      const SmartTapNonce& nonce,
                                                      const SmartTapSessionId& session) {
  auto pkey = read_private_key(scalar.expose());
  if (!pkey) return std::unexpected(pkey.error());
  return SmartTapEphemeral(std::make_unique<Key>(std::move(*pkey)), nonce, session);
}

Result<BundleKeys> SmartTapEphemeral::agree(const CompressedPoint& handset_key,
                                            const SmartTapTranscript& transcript,
                                            ByteView signature) && {
  PG_REQUIRE(key_ != nullptr);  // Used up: the same key for a second phone.
  const QuietErrors quiet;
  const auto own = std::exchange(key_, nullptr);
  const auto peer = public_key_of(handset_key);
  if (!peer) return std::unexpected(peer.error());
  Bytes info = transcript.bytes();
  append(info, signature);
  return derive_bundle_keys(own->pkey.get(), peer->get(), handset_key, info);
}

struct CollectorKeys::Key {
  std::uint32_t version;
  PkeyPtr pkey;
};

CollectorKeys::CollectorKeys(CollectorId id) : id_(id) {}
CollectorKeys::CollectorKeys(CollectorKeys&&) noexcept = default;
CollectorKeys& CollectorKeys::operator=(CollectorKeys&&) noexcept = default;
CollectorKeys::~CollectorKeys() = default;

Status CollectorKeys::add(std::uint32_t version, const SecretBytes& key) {
  auto pkey = read_private_key(key.expose());
  if (!pkey) return std::unexpected(pkey.error());
  const auto place =
      std::ranges::lower_bound(keys_, version, std::ranges::greater{}, &Key::version);
  if (place != keys_.end() && place->version == version) return fail(Errc::bad_value);
  keys_.insert(place, Key{.version = version, .pkey = std::move(*pkey)});
  return {};
}

std::vector<std::uint32_t> CollectorKeys::versions() const {
  std::vector<std::uint32_t> all;
  all.reserve(keys_.size());
  for (const Key& key : keys_) all.push_back(key.version);
  return all;
}

KeyId CollectorKeys::key_id(std::uint32_t version) const {
  const auto key = std::ranges::find(keys_, version, &Key::version);
  PG_REQUIRE(key != keys_.end());
  return key_id_of(public_x(*key->pkey));
}

Bytes CollectorKeys::sign(std::uint32_t version, ByteView message) const {
  const auto key = std::ranges::find(keys_, version, &Key::version);
  PG_REQUIRE(key != keys_.end());
  const MdCtxPtr context(EVP_MD_CTX_new());
  PG_REQUIRE(context && EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr,
                                              key->pkey.get(), nullptr) == 1);
  std::size_t size = 0;
  PG_REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  PG_REQUIRE(
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);  // DER: the first size is the largest there may be.
  return signature;
}

}  // namespace passgate::crypto
