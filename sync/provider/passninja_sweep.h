// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sync/provider/passninja.h"
#include "sync/provider/passninja_page.h"

namespace passgate::sync {

/// GET /passes/{template}?page=N&per_page=M until current_page == total_pages.
/// The list has no snapshot, so a total_count that changes on the way means
/// that rows may have moved between pages: everything from the start, at most
/// three times.
class PassNinjaSweep final : public SweepSession {
 public:
  /// @param settings    Borrowed from the provider.
  /// @param checkpoint  Of a PassPage; one that was made with another page size
  ///   or join counts as none, because its pages were others.
  PassNinjaSweep(const PassNinja::Settings& settings, ProviderTemplate of,
                 std::string_view checkpoint);

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  /// What is known of the pages done.
  struct Done {
    std::size_t page = 0;
    std::size_t pages = 0;
    std::size_t total = 0;
    std::size_t rows = 0;    ///< So far.
    std::string first_join;  ///< First row of the last page.
  };
  SweepStep accept(PassNinjaPage page);
  SweepStep start_over();
  std::string checkpoint() const;
  std::optional<Done> done_from(std::string_view checkpoint) const;

  const PassNinja::Settings& settings_;
  ProviderTemplate of_;
  std::optional<Done> done_;  ///< Absent: nothing yet.
  unsigned restarts_ = 0;
};

}  // namespace passgate::sync
