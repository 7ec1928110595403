// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sync/provider/passinstance.h"

namespace passgate::sync {

/// Writes fields of a pass. The values are absolute, so a request whose answer
/// was lost is simply sent again. PUT may replace what is not named, so where
/// the pass can be read it is, and all its fields are sent back with ours.
class PassinstanceUpdate final : public RedeemSession {
 public:
  /// @param settings  Borrowed from the provider.
  /// @param fields    Field → value, placeholders not yet replaced.
  PassinstanceUpdate(const Passinstance::Settings& settings, const RedemptionOrder& order,
                     const std::map<std::string, std::string>& fields);

  RedeemStep start() override;
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override;

 private:
  RedeemStep merge_with(const HttpAnswer& answer);
  RedeemStep write(const nlohmann::json& fields) const;

  const Passinstance::Settings& settings_;
  std::map<std::string, std::string> values_;
  std::optional<std::string> path_;       ///< Absent: not with the names that are known.
  std::optional<std::string> read_path_;  ///< Absent: nothing to be read first.
  bool reading_ = false;
};

/// Sends the configured body. A pass that is void already stays void, so this
/// may be repeated too.
class PassinstanceVoid final : public RedeemSession {
 public:
  PassinstanceVoid(const Passinstance::Settings& settings, const RedemptionOrder& order);

  RedeemStep start() override;
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override;

 private:
  const Passinstance::Settings& settings_;
  std::optional<std::string> path_;
};

}  // namespace passgate::sync
