// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "crypto/smart_tap.h"
#include "tests/crypto/key_files.h"
#include "tests/rig/smart_tap_vector.h"

namespace passgate::crypto {

/// A published session in the terms of crypto/smart_tap.h.
struct PublishedSmartTap : test::SmartTapVector {
  template <class Array>
  Array array(const char* key) const {
    Array out{};
    const Bytes all = bytes(key);
    EXPECT_EQ(all.size(), out.size()) << key;
    std::copy_n(all.begin(), std::min(all.size(), out.size()), out.begin());
    return out;
  }
  bool live() const { return vector.at("live_authentication").get<bool>(); }
  SmartTapTranscript transcript() const {
    return {.terminal_nonce = array<SmartTapNonce>("terminal_nonce_hex"),
            .handset_nonce = array<SmartTapNonce>("handset_nonce_hex"),
            .collector = CollectorId(vector.at("collector_id").get<std::uint32_t>()),
            .terminal_key = array<CompressedPoint>("terminal_ephemeral_public_key_hex")};
  }
  SecretBytes collector_key() const { return scalar(text("long_term_private_key_hex")); }
  Bytes signature() const { return bytes("signature_der_hex"); }
};

/// The one called `id`.
inline PublishedSmartTap published_smart_tap(std::string_view id) {
  const auto all = test::smart_tap_vectors<PublishedSmartTap>();
  const auto found =
      std::ranges::find_if(all, [&](const auto& each) { return each.text("id") == id; });
  EXPECT_NE(found, all.end()) << id;
  return found == all.end() ? PublishedSmartTap{} : *found;
}

}  // namespace passgate::crypto
