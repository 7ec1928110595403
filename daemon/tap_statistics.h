// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/guarded.h"
#include "daemon/tap_report.h"

namespace passgate::daemon {

/// How long a stage takes, as counts in buckets that double: 1 µs, 2 µs, 4 µs …
/// Fixed size, whatever the season brings.
class StageHistogram {
 public:
  void add(Micros time) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  Micros sum() const noexcept { return sum_; }
  /// How many took at most `first`, for every edge but the last bucket's, which
  /// has none: the count is for that.
  std::vector<std::pair<Micros, std::uint64_t>> cumulative() const;
  /// Upper edge of the bucket that holds the q-quantile, 0 < q <= 1.
  Micros quantile(double q) const noexcept;

 private:
  static constexpr std::size_t kBuckets = 32;
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Micros sum_{0};
};

/// What `passgate status` tells about the taps since start, and about what
/// operators did; an act is no tap. Thread-safe.
class TapStatistics {
 public:
  void add(const TapReport& report);
  /// {"outcomes":{"deny/voided":n,…},"zones":{ZONE:{"deny/voided":n,…},…},
  ///  "acts":{"override":n,"undo":n},
  ///  "stages":{STAGE:{"count","sum_us","buckets":[[edge_us,n],…],"p50_us","p99_us"}}}
  /// Readers without a zone are in `outcomes` alone.
  nlohmann::json to_json() const;

 private:
  using Outcomes = std::map<std::string, std::uint64_t>;  ///< The list of them is closed.
  struct Counts {
    Outcomes by_outcome;
    std::map<std::string, Outcomes> by_zone;  ///< As many as the configuration names.
    std::uint64_t overrides = 0;
    std::uint64_t undos = 0;
    std::map<std::string, StageHistogram> by_stage;
  };
  Guarded<Counts> counts_;
};

}  // namespace passgate::daemon
