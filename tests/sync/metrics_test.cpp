// SPDX-License-Identifier: Apache-2.0
#include "sync/metrics.h"

#include <gtest/gtest.h>

namespace passgate::sync::test {
namespace {

using nlohmann::json;

const WallTime kNow = from_rfc3339("2026-11-21T10:00:00Z").value();

json status() {
  return json::parse(
      R"({"core":"connected","providers":[{"name":"main","state":"failing","queued":7,
    "refused":1,"ambiguous":2,"oldest_queued":"2026-11-20T10:00:00Z","echoes":3,
    "templates":[{"template":"ptk_1","completed_at":"2026-11-21T09:00:00Z"},
                 {"template":"ptk_2","completed_at":null}],
    "sweep":{"template":"ptk_1","rows":500,"total":1000},
    "pushes":{"accepted":4,"duplicate":5,"ignored":0,"refused":6,"unstored":0}}],
   "subscribers":[{"name":"backend","state":"ok","queued":0,"dead":8,"ambiguous":0,
    "oldest_queued":null}]})");
}

bool has(const std::string& text, const std::string& line) {
  return text.contains(line + "\n");
}

TEST(Metrics, ShowThatAProviderThatIsDownForADayOnlyCostsAge) {
  const auto text = metrics_text(status(), kNow);
  const std::string to = R"({kind="redemption",destination="main"})";
  EXPECT_TRUE(has(text, "passgate_destination_ok" + to + " 0")) << text;
  EXPECT_TRUE(has(text, "passgate_queue_jobs" + to + " 7")) << text;
  EXPECT_TRUE(has(text, "passgate_queue_oldest_age_seconds" + to + " 86400")) << text;
  EXPECT_TRUE(has(text, "passgate_queue_ambiguous_jobs" + to + " 2")) << text;
}

TEST(Metrics, ShowTheAgeOfEachListAndNoneForOneThatNeverCame) {
  const auto text = metrics_text(status(), kNow);
  EXPECT_TRUE(has(text, R"(passgate_mirror_age_seconds{provider="main",template="ptk_1"} 3600)"))
      << text;
  EXPECT_FALSE(text.contains("ptk_2")) << text;
  EXPECT_TRUE(has(text, R"(passgate_sweep_passes{provider="main",template="ptk_1"} 500)")) << text;
}

TEST(Metrics, CountPushesByWhatBecameOfThemAndDeadLetters) {
  const auto text = metrics_text(status(), kNow);
  EXPECT_TRUE(has(text, R"(passgate_pushes_total{provider="main",outcome="refused"} 6)")) << text;
  EXPECT_TRUE(has(text, R"(passgate_push_echoes_total{provider="main"} 3)")) << text;
  EXPECT_TRUE(has(text, R"(passgate_queue_failed_jobs{kind="delivery",destination="backend"} 8)"))
      << text;
}

TEST(Metrics, TellTapsOfEachZoneAndWhatOperatorsDid) {
  const json sync = status();
  const json core = json::parse(
      R"({"taps":{"outcomes":{"admit/ok":5},"zones":{"north":{"admit/ok":3},"south":{"admit/ok":2}},
          "acts":{"override":1,"undo":0}}})");
  const auto text = metrics_text({.sync = sync, .core = &core}, kNow);
  EXPECT_TRUE(has(text, R"(passgate_taps_total{decision="admit",reason="ok"} 5)")) << text;
  const std::string of_north =
      R"(passgate_zone_taps_total{decision="admit",reason="ok",zone="north"} 3)";
  EXPECT_TRUE(has(text, of_north)) << text;
  EXPECT_TRUE(has(text, R"(passgate_operator_acts_total{kind="override"} 1)")) << text;
  EXPECT_TRUE(has(text, R"(passgate_operator_acts_total{kind="undo"} 0)")) << text;
}

TEST(Metrics, SurviveAStatusOfAnotherVersion) {
  EXPECT_TRUE(has(metrics_text(json::object(), kNow), "passgate_core_connected 0"));
}

}  // namespace
}  // namespace passgate::sync::test
