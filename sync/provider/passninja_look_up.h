// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/provider/passninja.h"

namespace passgate::sync {

/// One pass by GET /passes/{template}?search={name}: GET of the pass itself
/// shows no status. The search finds parts of serial numbers too, so only an
/// exact match counts, and it must be on the first page.
class PassNinjaLookUp final : public LookUpSession {
 public:
  /// @param settings  Borrowed from the provider.
  /// @param name      Id or serial number, not empty.
  PassNinjaLookUp(const PassNinja::Settings& settings, ProviderTemplate of, std::string name)
      : settings_(settings), of_(std::move(of)), name_(std::move(name)) {}

  LookUpStep start() override;
  LookUpStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  const PassNinja::Settings& settings_;
  ProviderTemplate of_;
  std::string name_;
};

}  // namespace passgate::sync
