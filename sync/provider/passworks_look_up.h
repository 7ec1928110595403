// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sync/provider/passworks_calls.h"

namespace passgate::sync {

/// GET ../passes/{id}; a pass that is known by its code only is found by
/// GET ../redeem/{code} before.
class PassworksLookUp final : public LookUpSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassworksLookUp(const Passworks::Settings& settings, ProviderTemplate of, PassNames pass)
      : settings_(settings),
        of_(std::move(of)),
        calls_(settings, of_.pass_template),
        pass_(std::move(pass)) {}

  LookUpStep start() override;
  LookUpStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  const Passworks::Settings& settings_;
  ProviderTemplate of_;
  PassworksCalls calls_;
  PassNames pass_;
};

}  // namespace passgate::sync
