// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sync/provider/passmint_pass.h"

namespace passgate::sync {

/// GET /templates/{id} for the policy, then GET /passes with `starting_after`
/// until has_more is false. A cursor does not shift when passes come and go.
class PassmintSweep final : public SweepSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassmintSweep(const Passmint::Settings& settings, ProviderTemplate of,
                std::string_view checkpoint);

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  SweepStep accept(const HttpAnswer& answer);
  std::string checkpoint() const;
  void resume(std::string_view checkpoint);

  const Passmint::Settings& settings_;
  ProviderTemplate of_;
  std::optional<PassmintPolicy> policy_;
  std::string since_;
  std::string after_;
  std::string first_;  ///< First id of the page before.
  std::size_t rows_ = 0;
};

}  // namespace passgate::sync
