// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sync/provider/passninja.h"

namespace passgate::sync {

/// One page of a template's list.
struct PassNinjaPage {
  struct Row {
    std::string id;      ///< Empty: the row has none.
    std::string serial;  ///< The same.
    MirrorRow mirror;
  };
  std::size_t page = 0;  ///< From 1.
  std::size_t pages = 0;
  std::size_t total = 0;
  std::size_t unmapped = 0;  ///< Rows whose status word no map knows.
  std::vector<Row> rows;
};

/// GET /passes/{template}?page=N&per_page=M{more}.
/// @param more  Further query parameters, encoded; may be empty.
HttpRequest passninja_list(const PassNinja::Settings& settings, const ProviderTemplate& of,
                           std::size_t page, std::string_view more);

/// Absent when the answer's body is not what the documentation says a page is.
std::optional<PassNinjaPage> passninja_page(const std::string& body, const ProviderTemplate& of,
                                            const StatusMap& status_map);

}  // namespace passgate::sync
