// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cloud/cloud_api.h"

namespace passgate::sim {

/// The passes that a list request asks for, in its order: `q[updated_at_gteq]`
/// and `q[s]=updated_at asc`. Borrows the template; valid while nobody changes it.
class PassworksSelection {
 public:
  /// @param filters  False: the filter is not known, and left aside. Error: the
  ///   refusal, 412.
  static std::expected<PassworksSelection, ApiAnswer> read(const PassTemplate& of,
                                                           const Target& target, bool filters);

  std::size_t count() const noexcept { return positions_ ? positions_->size() : of_.count(); }
  const CloudPass& at(std::size_t i) const { return of_.at(positions_ ? (*positions_)[i] : i); }

 private:
  explicit PassworksSelection(const PassTemplate& of) : of_(of) {}

  const PassTemplate& of_;
  /// Absent: all, as the book has them; a million passes are not sorted anew
  /// for every page.
  std::optional<std::vector<std::size_t>> positions_;
};

/// The part of a list that a request asks for, and what the headers say of it.
struct PassworksPage {
  std::size_t begin = 0;  ///< Positions in the list: [begin, end).
  std::size_t end = 0;
  /// X-Total, X-Total-Pages, X-Page, X-Per-Page, X-Next-Page (empty on the
  /// last), X-Prev-Page (empty on the first), X-Offset.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Reads `page` (from 1) and `per_page` (default 25; more than 50 is 50) of a
/// list of `total`. Error: the refusal, 412.
std::expected<PassworksPage, ApiAnswer> passworks_page(const Target& target, std::size_t total,
                                                       const ListQuirks& quirks);

/// 412 `{"errors":{name:text}}`: what is wrong with one thing that was sent.
ApiAnswer passworks_refusal(const std::string& name, std::string_view text);

}  // namespace passgate::sim
