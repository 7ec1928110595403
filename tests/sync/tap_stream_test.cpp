// SPDX-License-Identifier: Apache-2.0
#include "sync/service/tap_stream.h"

#include <set>

#include "tests/sync/site_fixture.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

struct TapStreamTest : SiteFixture {
  static Headers after(std::uint64_t position, Headers headers = {}) {
    headers.push_back(fmt::format("Last-Event-ID: {}", position));
    return headers;
  }
  gate::TapRecord tap(std::uint64_t position, const std::string& reader = "north-1") const {
    auto tap = tap_at(position, "838b8cf60dac2bfad9");
    tap.at = clock.now();
    tap.reader = reader;
    return tap;
  }
};

std::set<std::string> members(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

TEST_F(TapStreamTest, SaysFirstWhatTheTerminalIsLike) {
  auto screen = watch();
  EXPECT_TRUE(screen.head().contains("200 OK"));
  EXPECT_TRUE(screen.head().contains("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(screen.head().contains("Cache-Control: no-store\r\n"));
  const auto state = screen.state("connected");
  EXPECT_EQ(screen.retry(), "1000");
  EXPECT_EQ(members(state),
            (std::set<std::string>{"core", "since", "time", "ready", "reasons", "readers"}));
  EXPECT_TRUE(from_rfc3339(state["since"].get<std::string>()));
  EXPECT_EQ(state["ready"], true);
  EXPECT_EQ(state["reasons"], json::array());
  // "north-2" is configured and not there.
  EXPECT_EQ(state["readers"], json::parse(R"([{"reader":"north-1","state":"idle"},
                                              {"reader":"north-2","state":"unavailable"}])"));
}

TEST_F(TapStreamTest, ShowsATapAtOnceAndToAScreenNothingThatNamesThePass) {
  auto screen = watch();
  auto display = watch(as("display"));
  auto desk = watch(as("operator"));
  for (auto* one : {&screen, &display, &desk}) one->state("connected");
  auto refused = report_of(tap(7));
  refused["decision"] = "deny";
  refused["reason"] = "already_redeemed";
  refused["first_use"] = "2026-11-20T19:00:00.000Z";
  refused["first_reader"] = "north-2";
  core->tell(refused);
  for (auto* one : {&screen, &display}) {
    const auto event = one->next("tap");
    EXPECT_EQ(event.id, "7");
    EXPECT_EQ(
        members(event.data),
        (std::set<std::string>{"reader", "zone", "time", "sent", "age_ms", "replayed", "decision",
                               "reason", "first_use", "first_reader", "display"}));
    EXPECT_EQ(event.data["display"], json({{"seat", "12A"}}));
    EXPECT_EQ(event.data["replayed"], false);
    EXPECT_LT(event.data["age_ms"], 60'000);
  }
  const auto event = desk.next("tap");
  EXPECT_EQ(event.data["pass_id"], "838b8cf60dac2bfad9");
  EXPECT_EQ(event.data["stages_us"], json({{"own", 900}}));
  EXPECT_EQ(event.data["typed"], "nothing");
  EXPECT_EQ(event.data["first_reader"], "north-2");
}

TEST_F(TapStreamTest, TellsAScreenHowManyOfAPartyWereAdmitted) {
  auto screen = watch();
  screen.state("connected");
  auto partly = tap(7);
  partly.party = 2;
  partly.flag = gate::Flag::partial_party;
  core->happen(partly);
  const auto shown = screen.next("tap").data;
  EXPECT_EQ(shown["party"], 2);
  EXPECT_EQ(shown["flag"], "partial_party");
}

TEST_F(TapStreamTest, NamesToAScreenWhoLetSomebodyInAndOnlyToOperatorsWhy) {
  auto screen = watch();
  auto desk = watch(as("operator"));
  for (auto* one : {&screen, &desk}) one->state("connected");
  auto act = report_of(tap(7));
  act["kind"] = "override";
  act["operator"] = "anna";
  act["why"] = "knows her";
  act["refers"] = "019a9c3e-7b1f-7a52-9b0e-000000000006";
  core->tell(act);
  const auto shown = screen.next("tap").data;
  EXPECT_EQ(shown["kind"], "override");
  EXPECT_EQ(shown["operator"], "anna");
  EXPECT_FALSE(shown.contains("why"));
  EXPECT_FALSE(shown.contains("refers"));
  const auto told = desk.next("tap").data;
  EXPECT_EQ(told["why"], "knows her");
  EXPECT_EQ(told["refers"], act["refers"]);
}

TEST_F(TapStreamTest, GivesNoCursorToATapThatTheJournalDoesNotHave) {
  auto screen = watch();
  screen.state("connected");
  core->tell({{"reader", "north-1"}, {"decision", "deny"}, {"reason", "locked"}});
  const auto event = screen.next("tap");
  EXPECT_EQ(event.data["reason"], "locked");
  EXPECT_EQ(event.id, "");
}

TEST_F(TapStreamTest, CountsTheAgeOfATapFromItsDecision) {
  auto screen = watch();
  screen.state("connected");
  auto slow = report_of(tap(1));
  slow["time"] = to_rfc3339_ms(runtime::SystemClock().now() - std::chrono::minutes(20));
  slow["stages_us"] = {{"exchange", 1'200'000'000}, {"own", 900}};
  core->tell(slow);
  EXPECT_LT(screen.next("tap").data["age_ms"], 600'000);
}

TEST_F(TapStreamTest, KeepsToOneReaderAndKnowsThoseThereAre) {
  auto north = watch({}, "?reader=north-1");
  EXPECT_EQ(north.state("connected")["readers"],
            json::parse(R"([{"reader":"north-1","state":"idle"}])"));
  core->happen(tap(1, "north-2"));
  core->happen(tap(2, "north-1"));
  EXPECT_EQ(north.next("tap").id, "2");
  EXPECT_EQ(get("/v1/taps/stream?reader=south", {}).status, 404);
  EXPECT_EQ(get("/v1/taps/stream?reader=", {}).status, 404);
  // One without a name of its own is known as passgated calls it.
  core->become({{"readers", json::array({{{"reader", "ACS 01"}, {"state", "idle"}}})}});
  while (north.next("state").data["readers"][0]["state"] != "unavailable") {
  }
  EXPECT_TRUE(watch({}, "?reader=ACS%2001").head().contains("200 OK"));
}

TEST_F(TapStreamTest, GivesAWatcherThatComesBackWhatItMissedOnceAndInOrderWhileMoreComes) {
  std::vector<gate::TapRecord> missed;
  for (std::uint64_t position = 1; position <= 600; ++position) missed.push_back(tap(position));
  core->record(missed);
  std::uint64_t next = 601;
  core->before_taps([&](const json& question) {
    // Just before each look into the journal: in there, and told live as well.
    for (int i = 0; question["limit"] == 256 && i < 5; ++i) core->happen(tap(next++));
  });
  auto desk = watch(after(100, as("operator")));
  EXPECT_EQ(desk.next().type, "state");
  for (std::uint64_t position = 101; position <= 610; ++position) {
    const auto event = desk.next("tap");
    ASSERT_EQ(event.id, std::to_string(position));
    ASSERT_EQ(event.data["replayed"], true);
    ASSERT_EQ(event.data["pass_id"], "838b8cf60dac2bfad9");
  }
  core->happen(tap(next));
  const auto event = desk.next("tap");
  EXPECT_EQ(event.id, std::to_string(next));
  EXPECT_EQ(event.data["replayed"], false);
}

TEST_F(TapStreamTest, SaysWhereToReadOnWhenMoreWasMissedThanIsSentAgain) {
  std::vector<gate::TapRecord> missed;
  for (std::uint64_t position = 1; position <= 1200; ++position) missed.push_back(tap(position));
  core->record(missed);
  auto desk = watch(after(10, as("operator")));
  for (std::uint64_t position = 11; position <= 1034; ++position) {
    ASSERT_EQ(desk.next("tap").id, std::to_string(position));
  }
  core->happen(tap(1201));
  Event event = desk.next();
  while (event.type == "state") event = desk.next();
  EXPECT_EQ(event.type, "gap");
  EXPECT_EQ(event.data, json({{"after", 1034}}));
  EXPECT_EQ(desk.next("tap").id, "1201");
}

TEST_F(TapStreamTest, TellsAWatcherOfAnotherJournalToReadItFromTheBeginning) {
  core->record({tap(1), tap(2)});
  auto desk = watch(after(4711, as("operator")));
  const auto gap = desk.next("gap");
  EXPECT_EQ(gap.data, json({{"after", 0}}));
  core->happen(tap(3));
  EXPECT_EQ(desk.next("tap").id, "3");
}

TEST_F(TapStreamTest, ShowsThatPassgatedIsGoneAndBackAndWhatHappenedMeanwhile) {
  auto screen = watch();
  screen.state("connected");
  core->happen(tap(1));
  EXPECT_EQ(screen.next("tap").id, "1");
  core->happen(tap(2));
  EXPECT_EQ(screen.next("tap").id, "2");
  core.reset();
  const auto absent = screen.state("absent");
  EXPECT_EQ(absent["ready"], false);
  EXPECT_EQ(absent["reasons"], json({"core_absent"}));
  EXPECT_EQ(absent["readers"], json::array());
  start_core({tap(1), tap(2), tap(3)});
  screen.state("connected");
  const auto missed = screen.next("tap");
  EXPECT_EQ(missed.id, "3");
  EXPECT_EQ(missed.data["replayed"], true);
  core->happen(tap(4));
  EXPECT_EQ(screen.next("tap").id, "4");
}

TEST_F(TapStreamTest, WaitsWithWhatWasMissedUntilPassgatedIsThere) {
  core.reset();
  auto screen = watch(after(1));
  screen.state("absent");
  start_core({tap(1), tap(2)});
  screen.state("connected");
  EXPECT_EQ(screen.next("tap").id, "2");
}

TEST_F(TapStreamTest, SaysWhyItIsNotReadyAsSoonAsThatChanges) {
  auto screen = watch();
  screen.state("connected");
  core->become({{"readers", json::array({{{"reader", "north-1"}, {"state", "stuck"}}})},
                {"pcsc", true},
                {"journal", "out_of_order"},
                {"clock", "unset"}});
  auto state = screen.next("state").data;
  while (state["ready"] == true) state = screen.next("state").data;
  EXPECT_EQ(state["reasons"], json({"journal_out_of_order", "reader_stuck", "clock_unset"}));
}

}  // namespace
}  // namespace passgate::sync::test
