// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/faults.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace passgate::sim::test {
namespace {

FaultPlan plan(std::string_view spec) {
  auto read = FaultPlan::parse(spec);
  EXPECT_TRUE(read) << spec;
  return read ? std::move(*read) : FaultPlan{};
}

/// Which of so many POSTs meet which fault.
std::vector<std::string> met(FaultPlan& by, std::size_t requests) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < requests; ++i) {
    const auto meeting = by.meet("POST", false);
    names.emplace_back(meeting.fault ? name(meeting.fault->kind) : "");
  }
  return names;
}

TEST(FaultShare, MeetsAboutThatShareOfTheRequestsOfEveryFaultInTheList) {
  auto by = plan("503~5,drop-before~5,drop-after~5,cut-off~5@POST");
  std::map<std::string, int> counts;
  for (const auto& each : met(by, 10'000)) ++counts[each];
  // The later ones lose to the earlier ones where both were drawn: 5 % of 95 % of 95 % …
  for (const auto* kind : {"status", "drop-before", "drop-after", "cut-off"}) {
    EXPECT_GT(counts[kind], 350) << kind;
    EXPECT_LT(counts[kind], 600) << kind;
  }
}

TEST(FaultShare, FailsTheSameRequestsWheneverTheSameIsAsked) {
  auto once = plan("503~30,drop-after~20");
  auto again = plan("503~30,drop-after~20");
  EXPECT_EQ(met(once, 500), met(again, 500));
}

TEST(FaultShare, DoesNotDependOnRequestsItIsNotFor) {
  auto alone = plan("503~50@POST");
  auto among = plan("503~50@POST");
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) {
    among.meet("GET", true);
    names.push_back(met(among, 1).front());
  }
  EXPECT_EQ(names, met(alone, 200));
}

TEST(FaultShare, EndsWithItsTimes) {
  auto by = plan("503~50*3");
  int hits = 0;
  for (const auto& each : met(by, 1000)) hits += each.empty() ? 0 : 1;
  EXPECT_EQ(hits, 3);
}

TEST(FaultShare, GoesForDelaysToo) {
  auto by = plan("slow=7~50");
  int delayed = 0;
  for (int i = 0; i < 1000; ++i) {
    delayed += by.meet("GET", false).delay == Milliseconds{7} ? 1 : 0;
  }
  EXPECT_GT(delayed, 400);
  EXPECT_LT(delayed, 600);
}

TEST(FaultShare, IsAPercentage) {
  for (const auto* spec : {"503~0", "503~101", "503~", "503~x", "503*2~5", "503~5%"}) {
    EXPECT_FALSE(FaultPlan::parse(spec)) << spec;
  }
  auto always = plan("503~100");
  EXPECT_EQ(met(always, 50), std::vector<std::string>(50, "status"));
}

}  // namespace
}  // namespace passgate::sim::test
