// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sync/provider/passworks_write.h"

namespace passgate::sync {

/// A write that shows in the pass's redeemed_count: it is read before, and read
/// again where the answer was lost. Others who redeem the same pass at the same
/// time can be taken for us.
class PassworksCounted final : public PassworksWrite {
 public:
  enum class Act {
    redeem,  ///< The count grows.
    reset,   ///< It falls: the way back, for every redemption of the pass at once.
  };
  /// @param settings  Borrowed from the provider.
  PassworksCounted(const Passworks::Settings& settings, const RedemptionOrder& order, Act act,
                   std::string_view memo);

 private:
  enum class Phase { before, sent, after };
  struct Count {
    std::uint64_t uses = 0;
    std::string at;  ///< Of the last redemption; empty: none, or not told.

    friend bool operator==(const Count&, const Count&) = default;
  };
  RedeemStep begin() override;
  RedeemStep go_on(const Result<HttpAnswer>& answer, WallTime now) override;

  RedeemStep read(Phase phase);
  RedeemStep take_count(const HttpAnswer& answer);
  RedeemStep before_sending(const Count& now);
  bool has_happened(const Count& now) const;

  Act act_;
  bool this_use_only_;
  Phase phase_ = Phase::before;
  std::optional<Count> memo_;  ///< What was read before it was sent.
  bool memo_is_foreign_ = false;
  int refusal_ = 0;
};

}  // namespace passgate::sync
