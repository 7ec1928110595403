// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/http/url.h"
#include "sync/provider/passninja_look_up.h"
#include "sync/provider/passninja_redeem.h"
#include "sync/provider/passninja_sweep.h"

namespace passgate::sync {

std::unique_ptr<SweepSession> PassNinja::sweep(const ProviderTemplate& of,
                                               std::string_view checkpoint) const {
  return std::make_unique<PassNinjaSweep>(settings_, of, checkpoint);
}

std::unique_ptr<LookUpSession> PassNinja::look_up(const ProviderTemplate& of,
                                                  const PassNames& pass) const {
  const auto& name = pass.id.empty() ? pass.serial : pass.id;
  if (name.empty()) return nullptr;
  return std::make_unique<PassNinjaLookUp>(settings_, of, name);
}

std::unique_ptr<RedeemSession> PassNinja::redeem(const RedemptionOrder& order,
                                                 std::string_view memo) const {
  switch (settings_.recording) {
    case Recording::scan: return std::make_unique<PassNinjaScan>(settings_, order, memo);
    case Recording::remove: return std::make_unique<PassNinjaRemove>(settings_, order, memo);
    case Recording::patch: break;
  }
  return std::make_unique<PassNinjaPatch>(settings_, order, settings_.redeem_fields);
}

std::unique_ptr<RedeemSession> PassNinja::undo(const RedemptionOrder& order,
                                               std::string_view /*memo*/) const {
  if (settings_.recording != Recording::patch || settings_.undo_fields.empty()) return nullptr;
  return std::make_unique<PassNinjaPatch>(settings_, order, settings_.undo_fields);
}

namespace {

/// Why `redeem` cannot be used; empty: it is in `settings` now.
std::string read_redeem(const runtime::RedeemConfig& redeem, SecretBytes token,
                        PassNinja::Settings& settings) {
  if (redeem.mode == "none") return "";
  if (redeem.mode == "scan") {
    if (token.empty()) return "redeem: mode 'scan' needs the reader's token";
    settings.recording = PassNinja::Recording::scan;
    settings.reader_token = std::move(token);
    settings.scan_message = redeem.message;
    return "";
  }
  if (redeem.mode == "delete") {
    settings.recording = PassNinja::Recording::remove;
    return "";
  }
  const bool expire = redeem.mode == "expire";
  if (!expire && !redeem.mode.empty() && redeem.mode != "patch") {
    return fmt::format("redeem: mode '{}' is not one of patch, scan, expire, delete, none",
                       redeem.mode);
  }
  settings.redeem_fields = redeem.fields;
  settings.undo_fields = redeem.undo_fields;
  if (!expire) return "";
  if (redeem.expire_field.empty()) return "redeem: mode 'expire' needs expire_field";
  settings.redeem_fields[redeem.expire_field] = "{time}";
  return "";
}

}  // namespace

std::expected<std::unique_ptr<Provider>, std::string> make_passninja(
    const runtime::ProviderConfig& config, ProviderSecrets secrets) {
  PassNinja::Settings settings;
  settings.base_url = without_trailing_slash(config.base_url);
  settings.account_id = config.account_id;
  settings.api_key = std::move(secrets.api_key);
  settings.page_size = std::clamp(config.page_size, 1U, 10000U);
  settings.timeout = config.timeout;
  auto states = status_map_of(config.status_map);
  if (!states) return std::unexpected(states.error());
  settings.status_map = std::move(*states);
  auto problem = read_redeem(config.redeem, std::move(secrets.token), settings);
  if (!problem.empty()) return std::unexpected(std::move(problem));
  return std::make_unique<PassNinja>(std::move(settings));
}

}  // namespace passgate::sync
