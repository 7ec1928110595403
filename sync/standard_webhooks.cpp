// SPDX-License-Identifier: Apache-2.0
#include "sync/standard_webhooks.h"

#include <fmt/format.h>

#include "crypto/digest.h"

namespace passgate::sync {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kShortestKey = 24;
constexpr std::size_t kLongestKey = 64;

}  // namespace

Result<SecretBytes> webhook_key(const SecretBytes& secret) {
  auto text = text_of(secret.expose());
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  auto decoded = from_base64(text);
  if (!decoded) return fail(Errc::bad_key);
  auto key = SecretBytes::take(*decoded);
  if (key.size() < kShortestKey || key.size() > kLongestKey) return fail(Errc::bad_key);
  return key;
}

std::string webhook_signature(std::span<const SecretBytes> keys, std::string_view id,
                              std::chrono::sys_seconds timestamp, std::string_view body) {
  const std::string message =
      fmt::format("{}.{}.{}", id, timestamp.time_since_epoch().count(), body);
  std::string signatures;
  for (const auto& key : keys) {
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + to_base64(crypto::hmac_sha256(key.expose(), bytes_of(message)));
  }
  return signatures;
}

}  // namespace passgate::sync
