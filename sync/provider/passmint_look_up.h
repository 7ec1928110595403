// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sync/provider/passmint_pass.h"

namespace passgate::sync {

/// GET /templates/{id} for the policy, then GET /passes/{id}.
class PassmintLookUp final : public LookUpSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassmintLookUp(const Passmint::Settings& settings, ProviderTemplate of, std::string id)
      : settings_(settings), of_(std::move(of)), id_(std::move(id)) {}

  LookUpStep start() override;
  LookUpStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  const Passmint::Settings& settings_;
  ProviderTemplate of_;
  std::string id_;
  std::optional<PassmintPolicy> policy_;
};

}  // namespace passgate::sync
