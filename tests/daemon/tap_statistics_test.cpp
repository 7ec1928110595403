// SPDX-License-Identifier: Apache-2.0
#include "daemon/tap_statistics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace passgate::daemon {
namespace {

using nlohmann::json;

/// What stands beside the edge `us`.
std::uint64_t at_most(const json& stage, std::int64_t us) {
  for (const json& bucket : stage.at("buckets")) {
    if (bucket[0] == us) return bucket[1];
  }
  ADD_FAILURE() << us;
  return 0;
}

TEST(TapStatistics, TellStagesAsAHistogramThatCanBeSummedOverTerminals) {
  TapStatistics statistics;
  for (const std::int64_t us : {0, 1, 2, 3, 4, 1000}) {
    TapReport report;
    report.stages.journal = Micros(us);
    statistics.add(report);
  }
  const json stage = statistics.to_json().at("stages").at("journal");
  EXPECT_EQ(stage.at("count"), 6);
  EXPECT_EQ(stage.at("sum_us"), 1010);
  EXPECT_EQ(at_most(stage, 1), 2U);
  EXPECT_EQ(at_most(stage, 2), 3U);
  EXPECT_EQ(at_most(stage, 4), 5U);
  EXPECT_EQ(at_most(stage, 512), 5U);
  EXPECT_EQ(at_most(stage, 1024), 6U);
  EXPECT_EQ(stage.at("buckets").back()[1], 6);
  EXPECT_EQ(stage.at("p50_us"), 2);
}

TEST(TapStatistics, CountWhatNoEdgeHoldsToo) {
  TapStatistics statistics;
  TapReport report;
  report.stages.act = std::chrono::hours(1);
  statistics.add(report);
  const json stage = statistics.to_json().at("stages").at("act");
  EXPECT_EQ(stage.at("buckets").back()[1], 0);
  EXPECT_EQ(stage.at("count"), 1);
}

TEST(TapStatistics, CountTapsPerZoneAndActsByThemselves) {
  TapStatistics statistics;
  TapReport report;
  report.decision = gate::Decision::deny;
  report.reason = gate::Reason::voided;
  statistics.add(report);
  report.zone = "north";
  statistics.add(report);
  report.kind = gate::Kind::override;
  report.decision = gate::Decision::admit;
  report.reason = gate::Reason::ok;
  statistics.add(report);
  const json told = statistics.to_json();
  EXPECT_EQ(told.at("outcomes"), (json{{"deny/voided", 2}}));
  EXPECT_EQ(told.at("zones"), (json{{"north", {{"deny/voided", 1}}}}));
  EXPECT_EQ(told.at("acts"), (json{{"override", 1}, {"undo", 0}}));
  EXPECT_EQ(told.at("stages").at("own").at("count"), 2);
}

}  // namespace
}  // namespace passgate::daemon
