// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sync/provider/passninja.h"

namespace passgate::sync {

/// GET /passes/{template}?page=N&per_page=M until current_page == total_pages.
/// The list has no snapshot, so a total_count that changes on the way means
/// that rows may have moved between pages: everything from the start, at most
/// three times.
class PassNinjaSweep final : public SweepSession {
 public:
  /// @param settings  Borrowed from the provider.
  PassNinjaSweep(const PassNinja::Settings& settings, ProviderTemplate of)
      : settings_(settings), of_(std::move(of)) {}

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  struct Meta {
    std::size_t page = 0;
    std::size_t pages = 0;
    std::size_t total = 0;
    friend bool operator==(const Meta&, const Meta&) = default;
  };
  SweepStep accept(PassPage page, const Meta& meta);
  SweepStep start_over();

  const PassNinja::Settings& settings_;
  ProviderTemplate of_;
  std::size_t page_ = 1;
  std::optional<Meta> meta_;  ///< Of the page before.
  std::string first_join_;    ///< First row of the page before.
  std::size_t rows_ = 0;
  unsigned restarts_ = 0;
};

}  // namespace passgate::sync
