// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/secret.h"
#include "runtime/config.h"
#include "sync/provider/json_reading.h"
#include "sync/provider/provider_secrets.h"
#include "sync/provider/session.h"
#include "sync/provider/status_map.h"

namespace passgate::sync {

/// Passinstance (api.passinstance.com). It documents how passes are made and
/// updated, but no list, no way to read one and no redemption, so where things
/// are and what they are called comes from the configuration.
class Passinstance final : public Provider {
 public:
  /// Where a pass keeps what we need.
  struct Members {
    JsonPointer id;
    JsonPointer serial;
    std::optional<JsonPointer> status;  ///< Absent: a pass that is there is valid.
    std::optional<JsonPointer> valid_from;
    std::optional<JsonPointer> valid_until;
  };
  struct List {
    std::string path;  ///< With {template} {page} {page_size} {cursor}.
    JsonPointer items;
    std::optional<JsonPointer> next;  ///< Absent: pages until an empty one.
  };
  enum class Recording : std::uint8_t { none, update, void_pass };
  struct Settings {
    std::string base_url;  ///< No trailing slash.
    SecretBytes key;
    bool bearer = false;  ///< The key is a JWT, not an X-API-Key.
    unsigned page_size = 100;
    Milliseconds timeout{10000};
    StatusMap status_map;
    Members members;
    std::optional<List> list;
    std::string get_path;  ///< With {id} {serial} {template}; empty: cannot be asked.

    Recording recording = Recording::none;
    std::string method;  ///< PUT | PATCH | POST
    std::string path;    ///< As get_path.
    /// Field → value with the placeholders of expand_redeem_template().
    std::map<std::string, std::string> fields;
    std::map<std::string, std::string> undo_fields;  ///< The same; empty: cannot be undone.
    std::string member;           ///< The fields are in it; empty: they are at the top.
    bool value_in_object = true;  ///< {"value":…}, not the text alone.
    std::string body;             ///< For `void_pass`; empty: none.
  };

  explicit Passinstance(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of,
                                      std::string_view checkpoint) const override;
  std::unique_ptr<LookUpSession> look_up(const ProviderTemplate& of,
                                         const PassNames& pass) const override;
  bool redeems() const override { return settings_.recording != Recording::none; }
  std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                        std::string_view memo) const override;
  std::unique_ptr<RedeemSession> undo(const RedemptionOrder& order,
                                      std::string_view memo) const override;

 private:
  Settings settings_;
};

/// Redeem modes update (the default; without fields as none), void, none. Fails
/// with a sentence for the operator.
std::expected<std::unique_ptr<Provider>, std::string> make_passinstance(
    const runtime::ProviderConfig& config, ProviderSecrets secrets);

}  // namespace passgate::sync
