// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "sync/webhook/make_push_reader.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {

using Headers = std::vector<std::pair<std::string, std::string>>;
using PushRead = Result<std::optional<Push>>;

/// The moment all pushes of these tests are read at.
inline const WallTime kPushNow = from_rfc3339("2026-11-20T10:00:00Z").value();

inline runtime::ProviderConfig push_config(std::string_view kind) {
  runtime::ProviderConfig config;
  config.name = "main";
  config.kind = kind;
  config.webhook.emplace();
  config.webhook->signature_header = "x-passinstance-signature";
  return config;
}

inline std::unique_ptr<PushReader> push_reader(const runtime::ProviderConfig& config,
                                               const std::vector<std::string_view>& secrets) {
  std::vector<SecretBytes> owned;
  for (const auto text : secrets) owned.push_back(secret(text));
  auto made = make_push_reader(config, std::move(owned));
  EXPECT_TRUE(made) << made.error();
  return made ? std::move(*made) : nullptr;
}

inline std::string hmac_hex(std::string_view key, std::string_view message) {
  return to_hex(crypto::hmac_sha256(bytes_of(key), bytes_of(message)));
}

inline PushRead read_push(const PushReader& reader, const Headers& headers, std::string_view body,
                          WallTime now = kPushNow) {
  return reader.read({.headers = headers, .body = body}, now);
}

/// The push, or a failed test.
inline Push pushed(const PushRead& read) {
  EXPECT_TRUE(read) << (read ? "" : name(read.error().code()));
  EXPECT_TRUE(read && *read) << "of no concern";
  return read && *read ? **read : Push{};
}

inline Errc refusal(const PushRead& read) {
  EXPECT_FALSE(read);
  return read ? Errc::stopped : read.error().code();
}

/// Each byte of the body, of the header and of the secret matters.
inline void expect_every_byte_to_matter(const runtime::ProviderConfig& config,
                                        const std::string& key, const Headers& headers,
                                        const std::string& body, bool body_is_signed) {
  const auto reader = push_reader(config, {key});
  ASSERT_TRUE(reader);
  const auto genuine = read_push(*reader, headers, body);
  ASSERT_TRUE(genuine || genuine.error().code() != Errc::auth_failed);
  for (std::size_t i = 0; body_is_signed && i < body.size(); ++i) {
    auto wrong = body;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_EQ(refusal(read_push(*reader, headers, wrong)), Errc::auth_failed) << "body, " << i;
  }
  for (std::size_t i = 0; i < headers[0].second.size(); ++i) {
    auto wrong = headers;
    wrong[0].second[i] = static_cast<char>(wrong[0].second[i] ^ 1);
    EXPECT_EQ(refusal(read_push(*reader, wrong, body)), Errc::auth_failed) << "header, " << i;
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    auto wrong = key;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_EQ(refusal(read_push(*push_reader(config, {wrong}), headers, body)), Errc::auth_failed)
        << "secret, " << i;
  }
}

}  // namespace passgate::sync::test
