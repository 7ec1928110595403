// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/webhook/push.h"
#include "sync/webhook/push_fields.h"
#include "sync/webhook/push_secrets.h"

namespace passgate::sync {

/// PassNinja's pushes: a CloudEvent in the body behind a bearer token. There is
/// no signature, so the token is all that proves them. Its media type is plain
/// JSON, therefore the body is looked at and not the type.
class PassNinjaPush final : public PushReader {
 public:
  struct Settings {
    PushSecrets secrets;
    /// Of the event's `time`, which is the same over a day of attempts.
    AgeWindow window;
    /// Take the format without a token too; then anybody may say that a pass
    /// changed, and all he achieves is that we ask PassNinja.
    bool legacy = false;
  };
  explicit PassNinjaPush(Settings settings) noexcept : settings_(std::move(settings)) {}

  Result<std::optional<Push>> read(const PushRequest& request, WallTime now) const override;

 private:
  Result<std::optional<Push>> read_event(std::string_view body, WallTime now) const;
  Result<std::optional<Push>> read_legacy(std::string_view body, WallTime now) const;

  Settings settings_;
};

}  // namespace passgate::sync
