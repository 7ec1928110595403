// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/make_push_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/webhook/passinstance_push.h"
#include "sync/webhook/passmint_push.h"
#include "sync/webhook/passninja_push.h"
#include "sync/webhook/passworks_push.h"

namespace passgate::sync {

namespace {

/// Pushes that were looked into are remembered for eight days; an event that
/// may be older than that could be repeated unnoticed.
constexpr std::chrono::hours kLongestWindow{24 * 7};

}  // namespace

std::expected<std::unique_ptr<PushReader>, std::string> make_push_reader(
    const runtime::ProviderConfig& config, std::vector<SecretBytes> secrets) {
  if (!config.webhook) return std::unexpected("no webhook is configured");
  const auto& webhook = *config.webhook;
  const bool may_be_unsigned = config.kind == "passninja" && webhook.legacy;
  if (secrets.empty() && !may_be_unsigned) {
    return std::unexpected("webhook: without secrets nobody can prove to be the provider");
  }
  if (std::ranges::any_of(secrets, &SecretBytes::empty)) {
    return std::unexpected("webhook: a secret is empty");
  }
  if (webhook.max_age + webhook.max_skew > kLongestWindow) {
    return std::unexpected("webhook: max_age_s and max_skew_s may be a week in all, no longer");
  }
  PushSecrets known(std::move(secrets));
  const AgeWindow window{.oldest = webhook.max_age, .ahead = webhook.max_skew};
  if (config.kind == "passninja") {
    return std::make_unique<PassNinjaPush>(
        PassNinjaPush::Settings{std::move(known), window, webhook.legacy});
  }
  if (config.kind == "passmint") {
    return std::make_unique<PassmintPush>(std::move(known), webhook.max_skew);
  }
  if (config.kind == "passinstance") {
    if (webhook.signature_header.empty()) {
      return std::unexpected(
          "webhook: signature_header is missing; Passinstance documents none, its dashboard may");
    }
    return std::make_unique<PassinstancePush>(PassinstancePush::Settings{
        std::move(known), webhook.signature_header, window, config.redeem.mode == "void"});
  }
  if (config.kind == "passworks") {
    return std::make_unique<PassworksPush>(std::move(known), window);
  }
  return std::unexpected(fmt::format("webhook: kind '{}' is not supported", config.kind));
}

}  // namespace passgate::sync
