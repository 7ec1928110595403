// SPDX-License-Identifier: Apache-2.0
#include "sim/subscriber/standard_webhooks.h"

#include <charconv>
#include <utility>

#include "crypto/digest.h"

namespace passgate::sim {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kScheme = "v1,";
constexpr std::size_t kShortestKey = 24;
constexpr std::size_t kLongestKey = 64;

bool is_inside(WallTime stamp, WallTime now) {
  const auto off = now - stamp;
  return off <= WebhookVerifier::kTolerance && -off <= WebhookVerifier::kTolerance;
}

Result<WallTime> read_stamp(std::string_view text) {
  std::uint32_t seconds = 0;  // unsigned and 32 bits: no sign, no overflow later
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return fail(Errc::bad_value);
  }
  return WallTime{std::chrono::seconds{seconds}};
}

}  // namespace

Result<WebhookVerifier> WebhookVerifier::from_secret(const SecretBytes& text) {
  auto encoded = text_of(text.expose());
  if (!encoded.starts_with(kSecretPrefix)) return fail(Errc::bad_key);
  encoded.remove_prefix(kSecretPrefix.size());
  auto key = from_base64(encoded);
  if (!key || key->size() < kShortestKey || key->size() > kLongestKey) return fail(Errc::bad_key);
  return WebhookVerifier(SecretBytes::take(*key));
}

Status WebhookVerifier::verify(std::string_view id, std::string_view timestamp,
                               std::string_view signatures, std::string_view body,
                               WallTime now) const {
  // A dot in the id would make "id.timestamp.body" ambiguous.
  if (id.empty() || id.contains('.')) return fail(Errc::bad_value);
  const auto stamp = read_stamp(timestamp);
  if (!stamp) return std::unexpected(stamp.error());
  if (!is_inside(*stamp, now)) return fail(Errc::deadline_exceeded);

  std::string signed_text;
  signed_text.append(id).append(".").append(timestamp).append(".").append(body);
  const auto expected = crypto::hmac_sha256(key_.expose(), bytes_of(signed_text));
  while (!signatures.empty()) {
    const auto space = signatures.find(' ');
    auto one = signatures.substr(0, space);
    signatures = space == std::string_view::npos ? "" : signatures.substr(space + 1);
    if (!one.starts_with(kScheme)) continue;  // v1a and later schemes are not ours
    const auto given = from_base64(one.substr(kScheme.size()));
    if (given && equal_in_constant_time(*given, expected)) return {};
  }
  return fail(Errc::auth_failed);
}

}  // namespace passgate::sim
