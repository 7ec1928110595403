// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sync/provider/passworks_calls.h"

namespace passgate::sync {

/// What every write has in common: it needs the pass's id, and where only the
/// redeem code is known it asks for that first.
class PassworksWrite : public RedeemSession {
 public:
  RedeemStep start() final;
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) final;

 protected:
  /// @param settings  Borrowed from the provider.
  PassworksWrite(const Passworks::Settings& settings, RedemptionOrder order);

  /// `id()` is known now.
  virtual RedeemStep begin() = 0;
  /// The answer to what `begin()` or this returned last.
  virtual RedeemStep go_on(const Result<HttpAnswer>& answer, WallTime now) = 0;

  const PassworksCalls& calls() const noexcept { return calls_; }
  const std::string& id() const noexcept { return id_; }
  HttpRequest redeem_request() const;
  /// Stands in the comment of a redemption and in nobody else's.
  std::string marker() const;

 private:
  RedemptionOrder order_;
  PassworksCalls calls_;
  std::string id_;
  bool finding_ = false;
};

/// Whether the answer refuses the write for good, rather than the asker or the
/// moment.
bool is_refused_write(const HttpAnswer& answer, const Failure& failure);
Failure passworks_refused(int status);

}  // namespace passgate::sync
