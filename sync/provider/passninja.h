// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/secret.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// PassNinja (api.passninja.com/v1): validity by paging through a template's
/// list, redemption by PATCH of configured fields.
class PassNinja final : public Provider {
 public:
  struct Settings {
    std::string base_url;  ///< No trailing slash.
    std::string account_id;
    SecretBytes api_key;
    unsigned page_size = 100;
    Milliseconds timeout{10000};
    /// Status word of the list → state; beats the built-in meaning.
    std::map<std::string, gate::PassState> status_map;
    /// Field → value with {time} {tap_id} {terminal} {reader} {pass_id} {object_id}; empty:
    /// uses are not recorded.
    std::map<std::string, std::string> redeem_fields;
  };

  explicit PassNinja(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of,
                                      std::string_view checkpoint) const override;
  bool redeems() const override { return !settings_.redeem_fields.empty(); }
  std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                        std::string_view memo) const override;

 private:
  Settings settings_;
};

}  // namespace passgate::sync
