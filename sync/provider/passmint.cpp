// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sync/http/url.h"
#include "sync/provider/passmint_changes.h"
#include "sync/provider/passmint_look_up.h"
#include "sync/provider/passmint_patch.h"
#include "sync/provider/passmint_scan.h"
#include "sync/provider/passmint_sweep.h"

namespace passgate::sync {

namespace {

std::optional<Passmint::Mode> mode_from(std::string_view text) {
  if (text.empty() || text == "patch") return Passmint::Mode::patch;
  if (text == "scan") return Passmint::Mode::scan;
  if (text == "both") return Passmint::Mode::both;
  if (text == "none") return Passmint::Mode::none;
  return std::nullopt;
}

}  // namespace

std::unique_ptr<SweepSession> Passmint::sweep(const ProviderTemplate& of,
                                              std::string_view checkpoint) const {
  return std::make_unique<PassmintSweep>(settings_, of, checkpoint);
}

std::unique_ptr<SweepSession> Passmint::changes(const ProviderTemplate& of,
                                                std::string_view since) const {
  if (since.empty()) return nullptr;
  return std::make_unique<PassmintChanges>(settings_, of, since);
}

std::unique_ptr<LookUpSession> Passmint::look_up(const ProviderTemplate& of,
                                                 const PassNames& pass) const {
  if (pass.id.empty()) return nullptr;
  return std::make_unique<PassmintLookUp>(settings_, of, pass.id);
}

std::unique_ptr<RedeemSession> Passmint::redeem(const RedemptionOrder& order,
                                                std::string_view memo) const {
  if (settings_.mode == Mode::patch || settings_.mode == Mode::none) {
    return std::make_unique<PassmintPatch>(settings_, order, PassmintPatch::Act::record);
  }
  return std::make_unique<PassmintScan>(settings_, order, memo);
}

std::unique_ptr<RedeemSession> Passmint::undo(const RedemptionOrder& order,
                                              std::string_view /*memo*/) const {
  // A scan that counted cannot be uncounted there.
  if (settings_.mode != Mode::patch || settings_.undo_fields.empty()) return nullptr;
  return std::make_unique<PassmintPatch>(settings_, order, PassmintPatch::Act::take_back);
}

std::expected<std::unique_ptr<Provider>, std::string> make_passmint(
    const runtime::ProviderConfig& config, ProviderSecrets secrets) {
  Passmint::Settings settings;
  settings.base_url = without_trailing_slash(config.base_url);
  if (!settings.base_url.ends_with("/v1")) settings.base_url += "/v1";
  const auto mode = mode_from(config.redeem.mode);
  if (!mode) {
    return std::unexpected(
        fmt::format("redeem: mode '{}' is not one of patch, scan, both, none", config.redeem.mode));
  }
  settings.mode = *mode;
  auto reading = reading_rules(config);
  if (!reading) return std::unexpected(reading.error());
  settings.reading = std::move(*reading);
  settings.api_key = std::move(secrets.api_key);
  settings.token = std::move(secrets.token);
  settings.scanner_name =
      secrets.scanner_name.empty() ? config.redeem.scanner_name : secrets.scanner_name;
  settings.page_size = std::clamp(config.page_size, 1U, 100U);
  settings.timeout = config.timeout;
  settings.fields = config.redeem.fields;
  settings.undo_fields = config.redeem.undo_fields;
  settings.code = config.redeem.message;
  settings.decision_at = config.redeem.decision_at;
  settings.reason_at = config.redeem.reason_at;
  const bool scans = *mode == Passmint::Mode::scan || *mode == Passmint::Mode::both;
  if (scans && settings.token.empty()) {
    return std::unexpected(
        fmt::format("redeem: mode '{}' needs a scanner's token", config.redeem.mode));
  }
  // Without it our own uses cannot be told from others' after a lost answer.
  if (scans && settings.scanner_name.empty()) {
    return std::unexpected(
        fmt::format("redeem: mode '{}' needs the scanner's name", config.redeem.mode));
  }
  return std::make_unique<Passmint>(std::move(settings));
}

}  // namespace passgate::sync
