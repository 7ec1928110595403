// SPDX-License-Identifier: Apache-2.0
#include "crypto/vas_key_ring.h"

#include <algorithm>
#include <utility>

#include "core/guarded.h"
#include "core/require.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"
#include "crypto/p256_point.h"
#include "crypto/vas_cipher.h"

namespace passgate::crypto {
namespace {

// Twice what an answer of a phone may have (apdu::Limits); OpenSSL counts in int.
constexpr std::size_t kLargestCryptogram = std::size_t{32} * 1024;

struct Key {
  KeyId id;
  Coordinate x;
  PkeyPtr pkey;
};

PkeyPtr same_curve_as(const EVP_PKEY& key) {
  PkeyPtr peer(EVP_PKEY_new());
  PG_REQUIRE(peer && EVP_PKEY_copy_parameters(peer.get(), &key) == 1);
  return peer;
}

PkeyCtxPtr derivation_with(EVP_PKEY* key) {
  PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  PG_REQUIRE(context && EVP_PKEY_derive_init(context.get()) == 1);
  return context;
}

/// What one opening needs besides the keys: made once, used by one thread at a
/// time. Reusing the peer key and the contexts halves the cost of an opening;
/// none of them may be shared between threads.
struct Scratch {
  explicit Scratch(const std::vector<Key>& keys) : peer(same_curve_as(*keys.front().pkey)) {
    for (const auto& key : keys) derivations.push_back(derivation_with(key.pkey.get()));
  }
  VasCipher cipher;
  PointFinder points;
  PkeyPtr peer;
  std::vector<PkeyCtxPtr> derivations;  ///< One for each key, same order.
};

}  // namespace

MerchantHash merchant_hash(const PassTypeId& id) {
  return MerchantHash(sha256(bytes_of(id.value())));
}

struct VasKeyRing::Keys {
  explicit Keys(PassTypeId pass_type_id)
      : id(std::move(pass_type_id)),
        merchant(merchant_hash(id)),
        bindings{current_binding(merchant), legacy_binding(merchant)} {}

  PassTypeId id;
  MerchantHash merchant;
  std::array<VasBinding, 2> bindings;  ///< Tried in this order.
  std::vector<Key> keys;
  /// Idle scratch, at most one for each thread that ever opened at once. Owned
  /// by the ring and not by the threads, so that nothing refers to the private
  /// keys once the ring is gone.
  Guarded<std::vector<std::unique_ptr<Scratch>>> idle;

  std::unique_ptr<Scratch> borrow() {
    std::unique_ptr<Scratch> scratch;
    idle.with([&](auto& all) {
      if (all.empty()) return;
      scratch = std::move(all.back());
      all.pop_back();
    });
    if (!scratch) scratch = std::make_unique<Scratch>(keys);
    return scratch;
  }
  void give_back(std::unique_ptr<Scratch> scratch) {
    idle.with([&](auto& all) { all.push_back(std::move(scratch)); });
  }

  Result<OpenedVas> open(Scratch& scratch, ByteView cryptogram) const;
  Result<SecretBytes> open_with(Scratch& scratch, std::size_t key, ByteView sealed) const;
};

Result<SecretBytes> VasKeyRing::Keys::open_with(Scratch& scratch, std::size_t key,
                                                ByteView sealed) const {
  Secret<32> z;
  if (!agree(scratch.derivations[key].get(), scratch.peer.get(), /*validate_peer=*/false, z)) {
    return fail(Errc::bad_point);
  }
  SecretBytes plain(sealed.size() - kTagSize);
  for (const auto& binding : bindings) {
    const Secret<32> secret = scratch.cipher.derive_key(z, binding.shared_info);
    if (scratch.cipher.open(secret, binding.aad, sealed, plain.writable())) return plain;
  }
  return fail(Errc::auth_failed);
}

Result<OpenedVas> VasKeyRing::Keys::open(Scratch& scratch, ByteView cryptogram) const {
  // Either root of the curve equation will do: +P and -P agree on the same Z.
  Coordinate x;
  std::ranges::copy(cryptogram.subspan(kKeyIdSize, kPointSize), x.begin());
  const UncompressedPoint point = scratch.points.find(x);
  if (EVP_PKEY_set1_encoded_public_key(scratch.peer.get(), point.data(), point.size()) != 1) {
    return fail(Errc::bad_point);
  }
  const ByteView sealed = cryptogram.subspan(kKeyIdSize + kPointSize);
  auto last = fail(Errc::unknown_key);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!std::ranges::equal(keys[i].id.value(), cryptogram.first(kKeyIdSize))) continue;
    auto plain = open_with(scratch, i, sealed);
    if (!plain) {
      last = std::unexpected(plain.error());
      continue;
    }
    if (plain->size() < kStampSize) return fail(Errc::short_plaintext);
    const std::chrono::seconds stamp(be32(plain->expose()));
    return OpenedVas{.key_id = keys[i].id,
                     .stamped_at = kAppleEpoch + stamp,
                     .payload = SecretBytes::take(plain->writable().subspan(kStampSize))};
  }
  return last;
}

VasKeyRing::VasKeyRing(PassTypeId id) : keys_(std::make_unique<Keys>(std::move(id))) {}
VasKeyRing::VasKeyRing(VasKeyRing&&) noexcept = default;
VasKeyRing& VasKeyRing::operator=(VasKeyRing&&) noexcept = default;
VasKeyRing::~VasKeyRing() = default;

Result<KeyId> VasKeyRing::add(const SecretBytes& key) {
  auto pkey = read_private_key(key.expose());
  if (!pkey) return std::unexpected(pkey.error());
  const Coordinate x = public_x(**pkey);
  const KeyId id = key_id_of(x);
  if (std::ranges::find(keys_->keys, x, &Key::x) != keys_->keys.end()) return id;
  keys_->keys.push_back({.id = id, .x = x, .pkey = std::move(*pkey)});
  keys_->idle.with([](auto& all) { all.clear(); });  // they do not know the new key
  return id;
}

const PassTypeId& VasKeyRing::id() const noexcept {
  return keys_->id;
}

const MerchantHash& VasKeyRing::merchant() const noexcept {
  return keys_->merchant;
}

std::vector<KeyId> VasKeyRing::key_ids() const {
  std::vector<KeyId> ids;
  for (const auto& key : keys_->keys) ids.push_back(key.id);
  return ids;
}

Result<OpenedVas> VasKeyRing::open(ByteView cryptogram) const {
  if (cryptogram.size() < kSmallestCryptogram) return fail(Errc::too_short);
  if (cryptogram.size() > kLargestCryptogram) return fail(Errc::too_large);
  const bool known = std::ranges::any_of(keys_->keys, [&](const Key& key) {
    return std::ranges::equal(key.id.value(), cryptogram.first(kKeyIdSize));
  });
  if (!known) return fail(Errc::unknown_key);
  const QuietErrors quiet;
  auto scratch = keys_->borrow();
  auto opened = keys_->open(*scratch, cryptogram);
  keys_->give_back(std::move(scratch));
  return opened;
}

}  // namespace passgate::crypto
