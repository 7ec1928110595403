// SPDX-License-Identifier: Apache-2.0
#include "daemon/tap_statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

namespace passgate::daemon {

void StageHistogram::add(Micros time) noexcept {
  const auto us = static_cast<std::uint64_t>(std::max<Micros::rep>(time.count(), 0));
  const std::size_t bucket = us <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(us - 1));
  ++buckets_[std::min(bucket, kBuckets - 1)];
  ++count_;
  sum_ += Micros(static_cast<Micros::rep>(us));
}

std::vector<std::pair<Micros, std::uint64_t>> StageHistogram::cumulative() const {
  std::vector<std::pair<Micros, std::uint64_t>> edges;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i + 1 < kBuckets; ++i) {
    below += buckets_[i];
    edges.emplace_back(Micros(std::int64_t{1} << i), below);
  }
  return edges;
}

Micros StageHistogram::quantile(double q) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    below += buckets_[i];
    if (below >= wanted) return Micros(std::int64_t{1} << i);
  }
  return Micros(std::int64_t{1} << (kBuckets - 1));
}

void TapStatistics::add(const TapReport& report) {
  if (report.kind != gate::Kind::tap) {
    counts_.with([&](Counts& counts) {
      ++(report.kind == gate::Kind::override ? counts.overrides : counts.undos);
    });
    return;
  }
  const std::string outcome =
      std::string(gate::name(report.decision)) + "/" + std::string(gate::name(report.reason));
  counts_.with([&](Counts& counts) {
    ++counts.by_outcome[outcome];
    if (!report.zone.empty()) ++counts.by_zone[report.zone][outcome];
    const StageTimes& t = report.stages;
    counts.by_stage["exchange"].add(t.exchange);
    counts.by_stage["session"].add(t.session);
    counts.by_stage["open"].add(t.open);
    counts.by_stage["decide"].add(t.decide);
    counts.by_stage["journal"].add(t.journal);
    counts.by_stage["act"].add(t.act);
    counts.by_stage["own"].add(t.own());
  });
}

nlohmann::json TapStatistics::to_json() const {
  return counts_.with([](const Counts& counts) {
    nlohmann::json stages = nlohmann::json::object();
    for (const auto& [stage, histogram] : counts.by_stage) {
      nlohmann::json buckets = nlohmann::json::array();
      for (const auto& [edge, count] : histogram.cumulative()) {
        buckets.push_back({edge.count(), count});
      }
      stages[stage] = {{"count", histogram.count()},
                       {"sum_us", histogram.sum().count()},
                       {"buckets", std::move(buckets)},
                       {"p50_us", histogram.quantile(0.50).count()},
                       {"p99_us", histogram.quantile(0.99).count()}};
    }
    return nlohmann::json{{"outcomes", counts.by_outcome},
                          {"zones", counts.by_zone},
                          {"acts", {{"override", counts.overrides}, {"undo", counts.undos}}},
                          {"stages", stages}};
  });
}

}  // namespace passgate::daemon
