// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sync/provider/passmint_patch.h"

namespace passgate::sync {

/// POST /scan, which counts and cannot be repeated: before it the newest entry
/// of the pass's log is noted, so that after a lost answer an entry of ours
/// behind it tells that the scan was counted. In mode both the PATCH follows.
class PassmintScan final : public RedeemSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassmintScan(const Passmint::Settings& settings, RedemptionOrder order, std::string_view memo);

  RedeemStep start() override;
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override;

 private:
  enum class Phase { baseline, scan, log, patch };
  enum class Doubt {
    lost,       ///< A scan may have left, its answer never came.
    undecided,  ///< The answer says neither accepted nor rejected.
    refused,    ///< Used up: perhaps by an earlier scan of ours.
  };
  void recall(std::string_view memo);
  std::string memo() const;
  RedeemStep scan();
  RedeemStep look_in_log(Doubt doubt);
  RedeemStep take_baseline(const HttpAnswer& answer);
  RedeemStep take_decision(const HttpAnswer& answer);
  RedeemStep take_log(const HttpAnswer& answer);
  RedeemStep not_in_log();
  RedeemStep cannot_tell();
  RedeemStep counted();
  RedeemStep patching(RedeemStep step) const;

  const Passmint::Settings& settings_;
  RedemptionOrder order_;
  PassmintPatch patch_;
  std::string id_;
  Phase phase_ = Phase::baseline;
  Doubt doubt_ = Doubt::lost;
  bool may_have_left_ = false;
  bool certain_ = true;
  std::string newest_;  ///< Entry of the log before our scan; empty: there was none.
  std::string after_;   ///< Cursor into the log.
  std::string first_;   ///< First entry of the page before.
  unsigned pages_ = 0;
};

}  // namespace passgate::sync
