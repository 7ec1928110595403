// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sync/provider/passworks_write.h"

namespace passgate::sync {

/// POST ../redeem, which counts every time it is sent. After a lost answer the
/// pass's log of redemptions is searched for the comment that names our tap.
class PassworksLoggedRedeem final : public PassworksWrite {
 public:
  /// @param settings  Borrowed from the provider.
  PassworksLoggedRedeem(const Passworks::Settings& settings, RedemptionOrder order,
                        std::string_view memo)
      : PassworksWrite(settings, std::move(order)), may_have_left_(!memo.empty()) {}

 private:
  RedeemStep begin() override;
  RedeemStep go_on(const Result<HttpAnswer>& answer, WallTime now) override;

  RedeemStep send();
  RedeemStep search();
  RedeemStep take_log(const HttpAnswer& answer);
  RedeemStep not_in_log();
  RedeemStep cannot_tell() const;

  bool may_have_left_;
  bool searching_ = false;
  int refusal_ = 0;  ///< HTTP status that our write was refused with; 0: its answer was lost.
  std::size_t page_ = 1;
  std::string body_;  ///< Page of the log before.
};

}  // namespace passgate::sync
