// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "runtime/config.h"
#include "sync/provider/pass_reading.h"
#include "sync/provider/provider_secrets.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// Passworks (api.passworks.io/v2): validity by paging through a campaign's
/// passes, changes by the same list from a time on, redemption by its own call.
/// A template is called TYPE/CAMPAIGN, e.g. "coupons/4b2e…".
class Passworks final : public Provider {
 public:
  /// How a lost answer of a redemption is cleared up.
  enum class Confirm {
    redeems,  ///< By our comment in the pass's log of redemptions.
    count,    ///< By whether redeemed_count has grown.
  };
  struct Settings {
    std::string base_url;     ///< No trailing slash.
    SecretBytes credentials;  ///< base64 of "account_id:api_key".
    unsigned page_size = 50;  ///< At most 50.
    Milliseconds timeout{10000};
    ReadingRules reading;
    bool redeems = true;
    Confirm confirm = Confirm::redeems;
  };

  explicit Passworks(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of,
                                      std::string_view checkpoint) const override;
  std::unique_ptr<SweepSession> changes(const ProviderTemplate& of,
                                        std::string_view since) const override;
  /// By id or by code.
  std::unique_ptr<LookUpSession> look_up(const ProviderTemplate& of,
                                         const PassNames& pass) const override;
  bool redeems() const override { return settings_.redeems; }
  std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                        std::string_view memo) const override;
  std::unique_ptr<RedeemSession> undo(const RedemptionOrder& order,
                                      std::string_view memo) const override;

 private:
  Settings settings_;
};

/// Fails with a sentence for the operator: an unknown mode, way to confirm or
/// state.
std::expected<std::unique_ptr<Provider>, std::string> make_passworks(
    const runtime::ProviderConfig& config, ProviderSecrets secrets);

}  // namespace passgate::sync
