// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/guarded.h"

namespace passgate::daemon {

/// The last reports, for those who watch now. A watcher that falls further
/// behind than kKept misses some: the journal has them, a screen need not.
/// Thread-safe.
class LiveFeed {
 public:
  static constexpr std::size_t kKept = 256;

  void publish(nlohmann::json report) {
    recent_.with([&](Recent& r) {
      r.reports.push_back(std::move(report));
      if (r.reports.size() > kKept) r.reports.pop_front();
      ++r.next;
    });
  }
  /// Number of the report to come.
  std::uint64_t next() const {
    return recent_.with([](const Recent& r) { return r.next; });
  }
  /// What came since number `from`, and the number to ask for next time.
  std::pair<std::vector<nlohmann::json>, std::uint64_t> since(std::uint64_t from) const {
    return recent_.with([&](const Recent& r) {
      const std::uint64_t oldest = r.next - r.reports.size();
      const std::uint64_t start = from < oldest ? oldest : from;
      const auto skip = static_cast<std::ptrdiff_t>(start - oldest);
      return std::pair(std::vector<nlohmann::json>(r.reports.begin() + skip, r.reports.end()),
                       r.next);
    });
  }

 private:
  struct Recent {
    std::deque<nlohmann::json> reports;
    std::uint64_t next = 0;
  };
  Guarded<Recent> recent_;
};

}  // namespace passgate::daemon
