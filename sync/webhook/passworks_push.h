// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/webhook/push.h"
#include "sync/webhook/push_fields.h"
#include "sync/webhook/push_secrets.h"

namespace passgate::sync {

/// Passworks' pushes: the organisation's API key in `Authorization`, whole and
/// without a documented scheme, so a secret is what the header is to say,
/// letter by letter. Nothing is signed and nothing names the delivery.
class PassworksPush final : public PushReader {
 public:
  /// @param window  Of `event_at`.
  PassworksPush(PushSecrets secrets, AgeWindow window) noexcept
      : secrets_(std::move(secrets)), window_(window) {}

  Result<std::optional<Push>> read(const PushRequest& request, WallTime now) const override;

 private:
  PushSecrets secrets_;
  AgeWindow window_;
};

}  // namespace passgate::sync
