// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/webhook/push.h"
#include "sync/webhook/push_fields.h"
#include "sync/webhook/push_secrets.h"

namespace passgate::sync {

/// Passinstance's pushes: the body is signed, in a header whose name the vendor
/// does not say. Neither a time stamp nor an id of the delivery is signed with
/// it, so the event's own time bounds how late it may be repeated.
class PassinstancePush final : public PushReader {
 public:
  struct Settings {
    PushSecrets secrets;
    std::string signature_header;  ///< Lower case; not empty.
    AgeWindow window;              ///< Of the event's `timestamp`.
    bool use_voids = false;        ///< A use is recorded there by voiding the pass.
  };
  explicit PassinstancePush(Settings settings) noexcept : settings_(std::move(settings)) {}

  Result<std::optional<Push>> read(const PushRequest& request, WallTime now) const override;

 private:
  bool genuine(const PushRequest& request) const;

  Settings settings_;
};

}  // namespace passgate::sync
