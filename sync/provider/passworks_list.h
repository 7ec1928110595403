// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "sync/provider/passworks_calls.h"

namespace passgate::sync {

/// GET ../passes?page=N until X-Next-Page is empty or a page is. The list has
/// no snapshot: an X-Total that changes on the way means that rows may have
/// moved between pages, so everything from the start, at most three times.
class PassworksSweep final : public SweepSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassworksSweep(const Passworks::Settings& settings, ProviderTemplate of,
                 std::string_view checkpoint);

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  /// How far it has come.
  struct Place {
    std::size_t page = 1;
    std::optional<std::uint64_t> total;  ///< As the first page said.
    std::uint64_t seen = 0;              ///< Passes.
    std::uint64_t rows = 0;              ///< Those that have what they are joined by.
    std::string first;                   ///< First id of the page before.
    std::string since;
  };
  SweepStep accept(PassPage page, std::size_t seen, bool last);
  SweepStep start_over();
  std::string checkpoint() const;
  void resume(std::string_view checkpoint);

  const Passworks::Settings& settings_;
  ProviderTemplate of_;
  PassworksCalls calls_;
  Place place_;
  unsigned restarts_ = 0;
};

/// The same list, filtered and sorted by updated_at. Nothing says that this
/// filter works: a row from before, or without the time, shows that it does not.
class PassworksChanges final : public SweepSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassworksChanges(const Passworks::Settings& settings, ProviderTemplate of, WallTime since)
      : settings_(settings),
        of_(std::move(of)),
        calls_(settings, of_.pass_template),
        asked_since_(since) {}

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  SweepStep accept(PassPage page, bool last, bool moved);

  const Passworks::Settings& settings_;
  ProviderTemplate of_;
  PassworksCalls calls_;
  WallTime asked_since_;
  std::string since_;  ///< For the next time.
  std::size_t page_ = 1;
  std::set<std::string> seen_;
  unsigned restarts_ = 0;
};

}  // namespace passgate::sync
