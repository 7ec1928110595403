// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/provider/passinstance.h"

namespace passgate::sync {

/// GET of `get_path`. The pass must be the one that was asked for.
class PassinstanceLookUp final : public LookUpSession {
 public:
  /// @param settings  Borrowed from the provider.
  /// @param path      Below the base URL, expanded.
  PassinstanceLookUp(const Passinstance::Settings& settings, ProviderTemplate of, PassNames pass,
                     std::string path)
      : settings_(settings), of_(std::move(of)), pass_(std::move(pass)), path_(std::move(path)) {}

  LookUpStep start() override;
  LookUpStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  const Passinstance::Settings& settings_;
  ProviderTemplate of_;
  PassNames pass_;
  std::string path_;
};

}  // namespace passgate::sync
