// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/provider/passmint_pass.h"

namespace passgate::sync {

/// GET /events since then for the ids of what changed, then each of these
/// passes. An event only says that something happened: the pass says what is.
class PassmintChanges final : public SweepSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassmintChanges(const Passmint::Settings& settings, ProviderTemplate of, std::string_view since)
      : settings_(settings), of_(std::move(of)), asked_since_(since) {}

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  SweepStep take_events(const HttpAnswer& answer);
  SweepStep take_pass(const HttpAnswer& answer, WallTime now);
  SweepStep step(PassPage page) const;

  const Passmint::Settings& settings_;
  ProviderTemplate of_;
  std::string asked_since_;
  std::string since_;  ///< For the next time.
  std::optional<PassmintPolicy> policy_;
  std::string after_;
  std::string first_;
  std::size_t pages_ = 0;
  bool events_end_ = false;
  std::set<std::string> changed_;
  std::vector<std::string> left_;  ///< To be asked for, from the back.
};

}  // namespace passgate::sync
