// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/bytes.h"
#include "sync/http/url.h"
#include "sync/provider/passworks_counted.h"
#include "sync/provider/passworks_list.h"
#include "sync/provider/passworks_look_up.h"
#include "sync/provider/passworks_redeem.h"

namespace passgate::sync {

namespace {

/// What HTTP Basic wants behind "Basic " (RFC 7617), made once.
SecretBytes basic_credentials(std::string_view account, const SecretBytes& api_key) {
  SecretBytes plain(account.size() + 1 + api_key.size());
  auto at = std::ranges::copy(bytes_of(account), plain.writable().begin()).out;
  *at++ = ':';
  std::ranges::copy(api_key.expose(), at);
  auto encoded = to_base64(plain.expose());
  return SecretBytes::take({reinterpret_cast<std::uint8_t*>(encoded.data()), encoded.size()});
}

}  // namespace

std::unique_ptr<SweepSession> Passworks::sweep(const ProviderTemplate& of,
                                               std::string_view checkpoint) const {
  return std::make_unique<PassworksSweep>(settings_, of, checkpoint);
}

std::unique_ptr<SweepSession> Passworks::changes(const ProviderTemplate& of,
                                                 std::string_view since) const {
  const auto time = from_rfc3339(since);
  if (!time) return nullptr;
  return std::make_unique<PassworksChanges>(settings_, of, *time);
}

std::unique_ptr<LookUpSession> Passworks::look_up(const ProviderTemplate& of,
                                                  const PassNames& pass) const {
  if (pass.id.empty() && pass.code.empty()) return nullptr;
  return std::make_unique<PassworksLookUp>(settings_, of, pass);
}

std::unique_ptr<RedeemSession> Passworks::redeem(const RedemptionOrder& order,
                                                 std::string_view memo) const {
  if (settings_.confirm == Confirm::redeems) {
    return std::make_unique<PassworksLoggedRedeem>(settings_, order, memo);
  }
  return std::make_unique<PassworksCounted>(settings_, order, PassworksCounted::Act::redeem, memo);
}

std::unique_ptr<RedeemSession> Passworks::undo(const RedemptionOrder& order,
                                               std::string_view memo) const {
  if (!settings_.redeems) return nullptr;
  return std::make_unique<PassworksCounted>(settings_, order, PassworksCounted::Act::reset, memo);
}

std::expected<std::unique_ptr<Provider>, std::string> make_passworks(
    const runtime::ProviderConfig& config, ProviderSecrets secrets) {
  Passworks::Settings settings;
  settings.base_url = without_trailing_slash(config.base_url);
  const auto& mode = config.redeem.mode;
  if (!mode.empty() && mode != "redeem" && mode != "none") {
    return std::unexpected(fmt::format("redeem: mode '{}' is not one of redeem, none", mode));
  }
  settings.redeems = mode != "none";
  const auto& confirm = config.redeem.confirm;
  if (confirm != "redeems" && confirm != "count") {
    return std::unexpected(
        fmt::format("redeem: confirm '{}' is not one of redeems, count", confirm));
  }
  settings.confirm = confirm == "count" ? Passworks::Confirm::count : Passworks::Confirm::redeems;
  auto reading = reading_rules(config);
  if (!reading) return std::unexpected(reading.error());
  settings.reading = std::move(*reading);
  settings.credentials = basic_credentials(config.account_id, secrets.api_key);
  settings.page_size = std::clamp(config.page_size, 1U, 50U);
  settings.timeout = config.timeout;
  return std::make_unique<Passworks>(std::move(settings));
}

}  // namespace passgate::sync
