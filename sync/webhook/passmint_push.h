// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/webhook/push.h"
#include "sync/webhook/push_secrets.h"

namespace passgate::sync {

/// Passmint's pushes, of both generations: signed with a time stamp like
/// Stripe's. The key is the secret as it was given, "whsec_" included.
class PassmintPush final : public PushReader {
 public:
  /// @param max_skew  Of the signed time stamp, which every attempt has its own
  ///   of, against our clock; to both sides.
  PassmintPush(PushSecrets secrets, Milliseconds max_skew) noexcept
      : secrets_(std::move(secrets)), max_skew_(max_skew) {}

  Result<std::optional<Push>> read(const PushRequest& request, WallTime now) const override;

 private:
  Status verify(const PushRequest& request, WallTime now) const;

  PushSecrets secrets_;
  Milliseconds max_skew_;
};

}  // namespace passgate::sync
