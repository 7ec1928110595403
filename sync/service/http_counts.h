// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/guarded.h"

namespace passgate::sync {

/// Requests that were answered, by route and class of status ("2xx"). Bounded:
/// a route is one of those there are. Thread-safe.
class HttpCounts {
 public:
  using Counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

  /// @param route  As in docs/http.md, or "none".
  void add(std::string_view route, int status) {
    const std::string status_class{static_cast<char>('0' + (status / 100)), 'x', 'x'};
    counts_.with([&](Counts& counts) { ++counts[{std::string(route), status_class}]; });
  }
  Counts counts() const {
    return counts_.with([](const Counts& counts) { return counts; });
  }

 private:
  Guarded<Counts> counts_;
};

}  // namespace passgate::sync
