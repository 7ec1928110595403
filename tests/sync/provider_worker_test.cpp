// SPDX-License-Identifier: Apache-2.0
#include "sync/provider_worker.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gate/pass_mirror.h"
#include "sync/provider/passninja.h"
#include "sync/redemption.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using gate::Belief;
using nlohmann::json;
using std::chrono::seconds;

const Destination kMain{JobKind::redemption, "main"};

HttpAnswer page(std::size_t number, std::size_t pages, std::size_t total,
                const std::vector<std::string>& ids) {
  json passes = json::array();
  for (const auto& id : ids) passes.push_back({{"id", id}, {"status", "Active"}});
  return answer(200, json{{"passes", passes},
                          {"meta",
                           {{"current_page", number},
                            {"total_pages", pages},
                            {"total_count", total},
                            {"per_page", 2}}}}
                         .dump());
}

PassNinja::Settings settings() {
  PassNinja::Settings settings;
  settings.base_url = "https://api.example/v1";
  settings.api_key = secret("key");
  settings.page_size = 2;
  settings.redeem_fields = {{"redeemed-at", "{time}"}};
  return settings;
}

struct ProviderWorkerTest : ::testing::Test {
  TempDir folder;
  ManualClock clock;
  SteadyWall times{clock};
  runtime::Log log{false, runtime::Level::error};
  FakeHttp http;
  PassNinja provider{settings()};
  std::optional<Outbox> outbox = std::move(Outbox::open(folder / "outbox.db").value());
  std::optional<PassesStore> passes = std::move(PassesStore::open(folder / "passes.db").value());
  gate::PassMirror gate{folder / "passes.db"};
  std::optional<ProviderWorker> worker;
  std::uint64_t position = 0;

  void start(std::vector<ProviderTemplate> templates, double max_rps = 1000) {
    worker.emplace(ProviderWorker::Settings{.name = "main",
                                            .templates = std::move(templates),
                                            .refresh = seconds(300),
                                            .max_rps = max_rps},
                   ProviderWorker::Parts{.provider = provider,
                                         .http = http,
                                         .outbox = *outbox,
                                         .passes = *passes,
                                         .clock = clock,
                                         .times = times,
                                         .log = log,
                                         .random = [] { return 0.999; }});
  }
  void owe(std::string_view pass) {
    const auto tap = tap_at(++position, pass);
    const std::vector jobs{NewJob{.to = kMain,
                                  .pass_key = std::string(pass),
                                  .event_id = "redemption-" + std::to_string(position),
                                  .body = redemption_body(tap),
                                  .position = position}};
    ASSERT_TRUE(outbox->store(jobs, position, clock.now(), times.at(clock.monotonic())));
  }
  void next() {
    const auto due = worker->step();
    if (due > clock.mono) clock.advance(std::chrono::ceil<Milliseconds>(due - clock.mono));
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) worker->step();
  }
  Belief look_up(std::string_view id) { return gate.look_up("main", "ptk", id); }
  bool asked_redemption(std::size_t index) { return http.asked.at(index).method == "PATCH"; }
};

TEST_F(ProviderWorkerTest, BringsTheWholeListToTheGate) {
  start({{"ptk", "id"}});
  http.script = {page(1, 2, 3, {"a", "b"}), page(2, 2, 3, {"c"})};
  steps(2);
  EXPECT_EQ(look_up("a").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(look_up("c").swept_at, clock.now());
  EXPECT_EQ(look_up("d").knowledge, Belief::Knowledge::not_listed);
}

TEST_F(ProviderWorkerTest, SweepsEveryTemplateAndAllAgainAfterTheRefreshTime) {
  start({{"ptk", "id"}, {"other", "id"}});
  http.script = {page(1, 1, 1, {"a"}), page(1, 1, 1, {"z"})};
  steps(2);
  EXPECT_EQ(gate.look_up("main", "other", "z").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(worker->step() - clock.mono, seconds(300));
  clock.advance(seconds(300));
  http.script = {page(1, 1, 1, {"b"}), page(1, 1, 0, {})};
  steps(2);
  EXPECT_EQ(look_up("a").state, gate::PassState::voided);
  EXPECT_EQ(look_up("b").knowledge, Belief::Knowledge::listed);
}

TEST_F(ProviderWorkerTest, KeepsTheOldMirrorWhenTheProviderTalksNonsense) {
  start({{"ptk", "id"}});
  http.script = {page(1, 1, 2, {"a", "b"})};
  steps(1);
  const auto swept = clock.now();
  clock.advance(seconds(300));
  http.script = {page(1, 2, 3, {"a", "c"}), answer(200, "<html>maintenance</html>")};
  steps(2);
  EXPECT_EQ(look_up("b").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(look_up("b").swept_at, swept);
  EXPECT_EQ(worker->report().last_error, "bad_reply");
  EXPECT_EQ(worker->step() - clock.mono, seconds(300));
}

TEST_F(ProviderWorkerTest, DoesNotDeleteWhatAListThatMovedMayHaveHidden) {
  start({{"ptk", "id"}});
  http.script = {page(1, 2, 3, {"a", "b"}), page(2, 2, 3, {"c"})};
  steps(2);
  clock.advance(seconds(300));
  // "b" slipped behind us: "a" is listed twice, the count still fits.
  http.script = {page(1, 2, 3, {"a", "c"}), page(2, 2, 3, {"a"})};
  steps(2);
  EXPECT_EQ(look_up("b").knowledge, Belief::Knowledge::listed);
  EXPECT_LT(look_up("b").swept_at, clock.now());
}

TEST_F(ProviderWorkerTest, CountsOnlyWhatItSawAfterTheListChanged) {
  start({{"ptk", "id"}});
  http.script = {page(1, 2, 3, {"gone", "b"}), page(2, 2, 2, {}), page(1, 1, 2, {"b", "c"})};
  steps(3);
  EXPECT_EQ(look_up("gone").state, gate::PassState::voided);
  EXPECT_EQ(look_up("c").knowledge, Belief::Knowledge::listed);
}

TEST_F(ProviderWorkerTest, GoesOnWithTheSamePageAfterAnOutage) {
  start({{"ptk", "id"}});
  http.script = {page(1, 2, 3, {"a", "b"}), fail(Errc::unreachable), answer(503),
                 page(2, 2, 3, {"c"})};
  while (!http.script.empty()) next();
  EXPECT_EQ(http.asked[1].url, http.asked[3].url);
  EXPECT_TRUE(look_up("c").swept_at);
}

TEST_F(ProviderWorkerTest, LeavesAPageThatNeverComesUntilTheNextRound) {
  start({{"ptk", "id"}});
  for (int i = 0; i < 6; ++i) http.script.push_back(answer(500));
  while (!http.script.empty()) next();
  EXPECT_EQ(http.asked.size(), 6U);
  http.script = {page(1, 1, 1, {"a"})};
  while (!http.script.empty()) next();
  EXPECT_EQ(look_up("a").knowledge, Belief::Knowledge::listed);
}

TEST_F(ProviderWorkerTest, ObeysRetryAfterForSweepsAndRedemptionsAlike) {
  start({{"ptk", "id"}});
  http.script = {answer(429, "", {{"retry-after", "77"}}), answer(200), page(1, 1, 0, {})};
  EXPECT_EQ(worker->step() - clock.mono, seconds(77));
  owe("a");
  clock.advance(seconds(76));
  worker->step();
  EXPECT_EQ(http.asked.size(), 1U);
  clock.advance(seconds(1));
  steps(2);
  EXPECT_EQ(http.asked.size(), 3U);
}

TEST_F(ProviderWorkerTest, RecordsRedemptionsBeforeItSweeps) {
  start({{"ptk", "id"}});
  owe("a");
  owe("b");
  http.script = {answer(200), answer(200), page(1, 1, 0, {})};
  steps(3);
  EXPECT_TRUE(asked_redemption(0));
  EXPECT_TRUE(asked_redemption(1));
  EXPECT_FALSE(asked_redemption(2));
  EXPECT_EQ(outbox->backlog(kMain)->open, 0U);
}

TEST_F(ProviderWorkerTest, DoesNotLetAStreamOfRedemptionsStarveTheMirror) {
  start({{"ptk", "id"}});
  for (int i = 0; i < 30; ++i) owe("pass-" + std::to_string(i));
  for (int i = 0; i < 9; ++i) http.script.push_back(answer(200));
  http.script.push_back(page(1, 1, 1, {"a"}));
  steps(10);
  EXPECT_EQ(look_up("a").knowledge, Belief::Knowledge::listed);
}

TEST_F(ProviderWorkerTest, KeepsToTheRateLimit) {
  start({}, 2.0);
  for (int i = 0; i < 4; ++i) owe("pass-" + std::to_string(i));
  for (int i = 0; i < 4; ++i) http.script.push_back(answer(200));
  const auto began = clock.mono;
  while (!http.script.empty()) next();
  EXPECT_GE(clock.mono - began, Milliseconds(999));  // A burst of two, then two a second.
}

TEST_F(ProviderWorkerTest, ResendsARedemptionWhoseAnswerWasLostUnchanged) {
  start({});
  owe("a");
  http.script = {fail(Errc::deadline_exceeded), answer(200)};
  while (!http.script.empty()) next();
  EXPECT_EQ(http.asked[0].url, http.asked[1].url);
  EXPECT_EQ(http.asked[0].body, http.asked[1].body);
  EXPECT_EQ(outbox->backlog(kMain)->open, 0U);
}

TEST_F(ProviderWorkerTest, KeepsARefusedRedemptionAndGoesOn) {
  start({});
  owe("a");
  owe("a");
  http.script = {answer(404, R"({"error":"no such pass","code":"MR2"})"), answer(200)};
  steps(2);
  EXPECT_EQ(outbox->backlog(kMain)->failed, 1U);
  EXPECT_EQ(outbox->backlog(kMain)->open, 0U);
  EXPECT_EQ(outbox->attempts("redemption-1", kMain)->at(0).status, 404);
}

TEST_F(ProviderWorkerTest, NeverGivesUpARedemptionForAnOutage) {
  start({});
  owe("a");
  for (int i = 0; i < 200; ++i) http.script.push_back(answer(503));
  while (!http.script.empty()) next();
  EXPECT_EQ(outbox->backlog(kMain)->open, 1U);
  EXPECT_EQ(outbox->backlog(kMain)->failed, 0U);
}

TEST_F(ProviderWorkerTest, PausesWhenTheAccountIsRefusedAndKeepsWhatItOwes) {
  for (const int status : {401, 402, 403}) {
    start({{"ptk", "id"}});
    owe(fmt::format("pass-{}", status));
    http.asked.clear();
    http.script = {answer(status)};
    EXPECT_EQ(worker->step() - clock.mono, seconds(300)) << status;
    steps(3);
    EXPECT_EQ(http.asked.size(), 1U) << status;
    EXPECT_TRUE(worker->report().paused) << status;
    EXPECT_EQ(worker->report().last_status, status);
    clock.advance(seconds(300));
    http.script = {answer(200), page(1, 1, 0, {})};
    while (!http.script.empty()) next();
    EXPECT_FALSE(worker->report().paused) << status;
    EXPECT_EQ(outbox->backlog(kMain)->open, 0U) << status;
    clock.advance(std::chrono::hours(1));
  }
}

TEST_F(ProviderWorkerTest, CountsPassesWhoseStatusWordIsUnknown) {
  start({{"ptk", "id"}});
  http.script = {
      answer(200, R"({"passes":[{"id":"a","status":"Frozen"}],)"
                  R"("meta":{"current_page":1,"total_pages":1,"total_count":1,"per_page":2}})")};
  steps(1);
  EXPECT_EQ(worker->report().unmapped, 1U);
  EXPECT_EQ(look_up("a").state, gate::PassState::unknown);
}

TEST_F(ProviderWorkerTest, SleepsWithoutTemplatesAndWithoutWork) {
  start({});
  EXPECT_GE(worker->step() - clock.mono, std::chrono::minutes(1));
  EXPECT_TRUE(http.asked.empty());
}

}  // namespace
}  // namespace passgate::sync::test
