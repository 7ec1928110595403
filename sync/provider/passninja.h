// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>

#include "core/secret.h"
#include "runtime/config.h"
#include "sync/provider/provider_secrets.h"
#include "sync/provider/session.h"
#include "sync/provider/status_map.h"

namespace passgate::sync {

/// PassNinja (api.passninja.com/v1): validity by paging through a template's
/// list, redemption by PATCH of configured fields, by a scan, or by destroying
/// the pass.
class PassNinja final : public Provider {
 public:
  /// How a use is recorded.
  enum class Recording : std::uint8_t {
    patch,   ///< `redeem_fields` are written; none of them: not at all.
    scan,    ///< POST /scans as the reader of `reader_token`.
    remove,  ///< DELETE: the pass is destroyed.
  };
  struct Settings {
    std::string base_url;  ///< No trailing slash.
    std::string account_id;
    SecretBytes api_key;
    unsigned page_size = 100;
    Milliseconds timeout{10000};
    StatusMap status_map;  ///< Beats the built-in meaning.
    Recording recording = Recording::patch;
    /// Field → value with the placeholders of expand_redeem_template().
    std::map<std::string, std::string> redeem_fields;
    std::map<std::string, std::string> undo_fields;  ///< The same; empty: cannot be undone.
    SecretBytes reader_token;                        ///< For `scan`.
    std::string scan_message = "{pass_id}";          ///< The same placeholders.
  };

  explicit PassNinja(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of,
                                      std::string_view checkpoint) const override;
  /// By id or serial number, which are the same there; a code is not known.
  std::unique_ptr<LookUpSession> look_up(const ProviderTemplate& of,
                                         const PassNames& pass) const override;
  bool redeems() const override {
    return settings_.recording != Recording::patch || !settings_.redeem_fields.empty();
  }
  std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                        std::string_view memo) const override;
  std::unique_ptr<RedeemSession> undo(const RedemptionOrder& order,
                                      std::string_view memo) const override;

 private:
  Settings settings_;
};

/// Redeem modes patch (the default), scan, expire, delete, none. Fails with a
/// sentence for the operator.
std::expected<std::unique_ptr<Provider>, std::string> make_passninja(
    const runtime::ProviderConfig& config, ProviderSecrets secrets);

}  // namespace passgate::sync
