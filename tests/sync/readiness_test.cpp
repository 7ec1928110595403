// SPDX-License-Identifier: Apache-2.0
#include "sync/service/readiness.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using Reasons = std::vector<std::string>;

json healthy() {
  return json::parse(R"({"readers":[{"reader":"a","state":"idle"},{"reader":"b","state":"in_tap"}],
    "pcsc":true,"journal":"healthy","clock":"synchronised"})");
}

Reasons reasons(const json& change, const json& status = nullptr, bool readers = true) {
  auto state = healthy();
  state.update(change);
  return reasons_against(state, status, readers);
}

TEST(Readiness, NeedsPassgatedAndNothingElseIsKnownWithoutIt) {
  EXPECT_EQ(reasons(json::object()), Reasons{});
  EXPECT_EQ(reasons_against(nullptr, json::parse(R"({"passes":[{"stale":true}]})"), true),
            Reasons{"core_absent"});
}

TEST(Readiness, NamesEachThingThatIsWrong) {
  EXPECT_EQ(reasons({{"journal", "out_of_order"}}), Reasons{"journal_out_of_order"});
  EXPECT_EQ(reasons({{"clock", "unset"}}), Reasons{"clock_unset"});
  EXPECT_EQ(reasons({{"clock", "holdover"}}), Reasons{});
  EXPECT_EQ(reasons(json::object(), json::parse(R"({"passes":[{"stale":false},{"stale":true}]})")),
            Reasons{"mirror_stale"});
  EXPECT_EQ(reasons(json::object(), json::parse(R"({"passes":[{"name":"without provider"}]})")),
            Reasons{});
  EXPECT_EQ(reasons({{"journal", "out_of_order"}, {"clock", "unset"}}),
            (Reasons{"journal_out_of_order", "clock_unset"}));
}

TEST(Readiness, WantsAReaderWhereOneIsConfigured) {
  const json none{{"readers", json::array()}};
  const json gone = json::parse(R"({"readers":[{"reader":"a","state":"unavailable"}]})");
  const json stuck = json::parse(
      R"({"readers":[{"reader":"a","state":"unavailable"},{"reader":"b","state":"stuck"}]})");
  EXPECT_EQ(reasons(none), Reasons{"no_reader"});
  EXPECT_EQ(reasons(gone), Reasons{"no_reader"});
  EXPECT_EQ(reasons(stuck), Reasons{"reader_stuck"});
  EXPECT_EQ(reasons(none, nullptr, false), Reasons{});
  // One cause is named, not what follows from it.
  EXPECT_EQ(reasons({{"pcsc", false}, {"readers", json::array()}}), Reasons{"pcsc_unavailable"});
}

}  // namespace
}  // namespace passgate::sync::test
