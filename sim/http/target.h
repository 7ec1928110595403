// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace passgate::sim {

/// A request target (RFC 9112 §3.2), cut before it is decoded so that an
/// encoded slash stays inside its segment.
struct Target {
  std::vector<std::string> segments;  ///< "/v1/passes/ptk%5F1" → {"v1", "passes", "ptk_1"}
  std::vector<std::pair<std::string, std::string>> query;

  /// The first value of a query parameter; borrowed.
  std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

/// Reads an origin-form or absolute-form target; scheme and authority are left out.
/// Errors: bad_value.
Result<Target> parse_target(std::string_view raw);

}  // namespace passgate::sim
