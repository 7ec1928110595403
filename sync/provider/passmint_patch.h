// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sync/provider/passmint.h"

namespace passgate::sync {

/// GET /passes/{id}, then PATCH of what was read with our values in it: nothing
/// says whether a PATCH adds to metadata and fields or replaces them. Ours are
/// absolute and name the tap, so the whole is simply done again.
class PassmintPatch final : public RedeemSession {
 public:
  enum class Act {
    record,     ///< metadata last_scan_id, redeemed_at and gate, and `fields`.
    take_back,  ///< `undo_fields`.
  };
  /// @param settings  Borrowed from the provider.
  PassmintPatch(const Passmint::Settings& settings, RedemptionOrder order, Act act);

  RedeemStep start() override;
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override;

 private:
  RedeemStep read();
  RedeemStep write(const HttpAnswer& answer);
  RedeemStep written(const HttpAnswer& answer, WallTime now);
  std::string idempotency_key() const;

  const Passmint::Settings& settings_;
  RedemptionOrder order_;
  Act act_;
  std::string id_;
  bool reading_ = true;
  unsigned refusals_ = 0;  ///< Of the idempotency key.
};

}  // namespace passgate::sync
