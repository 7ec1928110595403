// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

#include "runtime/config.h"
#include "sync/provider/pass_reading.h"
#include "sync/provider/provider_secrets.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// Passmint (api.passmint.com/v1): validity by a cursor through a template's
/// passes, changes by its events, redemption by PATCH of metadata, by its scan,
/// or by both.
class Passmint final : public Provider {
 public:
  enum class Mode {
    none,
    patch,  ///< Repeatable and with the true time, but the vendor counts nothing.
    scan,   ///< The vendor counts and enforces its policy, with its own time.
    both,   ///< Scan, then patch.
  };
  struct Settings {
    std::string base_url;  ///< With /v1, no trailing slash.
    SecretBytes api_key;
    SecretBytes token;         ///< The scanner's; only /v1/scan is asked with it.
    std::string scanner_name;  ///< As the log of redemptions calls it.
    unsigned page_size = 100;
    Milliseconds timeout{10000};
    ReadingRules reading;
    Mode mode = Mode::patch;
    /// Field → value with {time} {tap_id} {terminal} {reader} {pass_id} {object_id}.
    std::map<std::string, std::string> fields;
    std::map<std::string, std::string> undo_fields;  ///< The same; empty: no way back.
    std::string code = "{pass_id}";                  ///< What is scanned; the same placeholders.
    std::string decision_at = "/decision";           ///< JSON pointer into the scan's answer.
    std::string reason_at = "/reason";
  };

  explicit Passmint(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of,
                                      std::string_view checkpoint) const override;
  std::unique_ptr<SweepSession> changes(const ProviderTemplate& of,
                                        std::string_view since) const override;
  /// By id only: nothing says that Passmint finds a pass by its serial.
  std::unique_ptr<LookUpSession> look_up(const ProviderTemplate& of,
                                         const PassNames& pass) const override;
  bool redeems() const override { return settings_.mode != Mode::none; }
  std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                        std::string_view memo) const override;
  std::unique_ptr<RedeemSession> undo(const RedemptionOrder& order,
                                      std::string_view memo) const override;

 private:
  Settings settings_;
};

/// Fails with a sentence for the operator: an unknown mode or state, or a
/// secret that the mode needs and that is missing.
std::expected<std::unique_ptr<Provider>, std::string> make_passmint(
    const runtime::ProviderConfig& config, ProviderSecrets secrets);

}  // namespace passgate::sync
