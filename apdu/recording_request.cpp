// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "apdu/recording.h"

namespace passgate::apdu {
namespace {

/// Any scalar will do where no key is sent.
constexpr std::array<std::uint8_t, 32> one() {
  std::array<std::uint8_t, 32> scalar{};
  scalar.back() = 1;
  return scalar;
}

Result<SmartTapAttempt> smart_tap_attempt(const RecordedAttempt& recorded) {
  const auto& authentication = recorded.authentication;
  auto scalar = authentication ? authentication->ephemeral : one();
  auto ephemeral = crypto::SmartTapEphemeral::recorded(
      SecretBytes::take(scalar), authentication ? authentication->nonce : crypto::SmartTapNonce{},
      recorded.session);
  if (!ephemeral) return std::unexpected(ephemeral.error());
  SmartTapAttempt attempt{.collector = recorded.collector,
                          .key_version = recorded.key_version,
                          .sign = {},
                          .ephemeral = std::move(*ephemeral)};
  if (authentication) {
    attempt.sign = [signature = authentication->signature](ByteView) { return signature; };
    attempt.pre_signed = authentication->pre_signed;
  }
  return attempt;
}

}  // namespace

VasRequest vas_request(const AppleProfile& profile) {
  VasRequest request;
  request.merchants.reserve(profile.merchants.size());
  for (const auto& id : profile.merchants) request.merchants.push_back(crypto::merchant_hash(id));
  request.signup_url = profile.url;
  request.terminal_nonce = profile.nonce;
  request.filter = profile.filter;
  request.mode = profile.mode;
  return request;
}

Result<WalletRequest> wallet_request(const Recording& recording, const Contact& contact) {
  WalletRequest request;
  if (recording.apple) request.apple = vas_request(*recording.apple);
  if (!recording.google) return request;
  auto& google = request.google.emplace();
  google.services = recording.google->services;
  google.pos_capabilities = recording.google->pos_capabilities;
  google.attempts.reserve(contact.attempts.size());
  for (const auto& recorded : contact.attempts) {
    auto attempt = smart_tap_attempt(recorded);
    if (!attempt) return std::unexpected(attempt.error());
    google.attempts.push_back(std::move(*attempt));
  }
  return request;
}

}  // namespace passgate::apdu
