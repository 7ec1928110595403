// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sync/provider/passinstance.h"

namespace passgate::sync {

/// The configured list, page by page: to the last as `next` says it, else to the
/// first empty one. A path that names neither page nor cursor is one page.
class PassinstanceSweep final : public SweepSession {
 public:
  /// @param settings    Borrowed from the provider; has a list.
  /// @param checkpoint  Of a PassPage; one that was made with another path, page
  ///   size or join counts as none, because its pages were others.
  PassinstanceSweep(const Passinstance::Settings& settings, ProviderTemplate of,
                    std::string_view checkpoint);

  HttpRequest request() const override;
  SweepStep take(const HttpAnswer& answer, WallTime now) override;

 private:
  /// Where the next page is, and what came before it.
  struct Place {
    std::size_t page = 1;
    std::string cursor;      ///< Empty: the page number counts.
    std::size_t rows = 0;    ///< So far.
    std::string first_join;  ///< First row of the page before.
  };
  /// How the list goes on. Absent: what the answer says makes no sense.
  struct Next {
    bool last = false;
    std::string cursor;
  };
  SweepStep accept(PassPage page, const Next& next);
  std::optional<Next> next_in(const nlohmann::json& body, bool empty) const;
  std::string checkpoint() const;
  std::optional<Place> place_from(std::string_view checkpoint) const;

  const Passinstance::Settings& settings_;
  ProviderTemplate of_;
  Place at_;
};

}  // namespace passgate::sync
