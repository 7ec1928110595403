// SPDX-License-Identifier: Apache-2.0
#include "cli/deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include "cli/status.h"
#include "core/guarded.h"
#include "tests/cli/fixture.h"
#include "tests/rig/answering_socket.h"

namespace passgate::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json entry(std::int64_t id) {
  return {{"id", id},
          {"kind", "delivery"},
          {"destination", "backend"},
          {"pass", "ptk_0x14/838b"},
          {"event", "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11-redeemed"},
          {"state", "dead"},
          {"attempts", 15},
          {"last_error", "rejected"},
          {"created", "2026-11-20T10:00:00.000Z"},
          {"finished", nullptr}};
}
const WallTime kNow = from_rfc3339("2026-11-20T13:30:00Z").value();

TEST(DeliveriesTable, SaysWhatIsOwedToWhomAndSinceWhen) {
  const auto table = deliveries_table(json::array({entry(7)}), kNow);
  for (const char* part :
       {"7", "backend", "redeemed", "ptk_0x14/838b", "dead", "15", "3h", "rejected"}) {
    EXPECT_THAT(table, HasSubstr(part));
  }
}

TEST(DeliveriesTable, LetsNoPassControlTheOperatorsTerminal) {
  auto evil = entry(7);
  evil["pass"] = "\x1b]0;owned\x07\r\n";
  evil["last_error"] = "\x9b";
  for (const char c : deliveries_table(json::array({evil}), kNow) + delivery_page(evil)) {
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << static_cast<int>(c);
  }
}

TEST(DeliveriesTable, SurvivesMissingMembers) {
  EXPECT_NO_THROW(deliveries_table(json::array({json::object()}), kNow));
  EXPECT_NO_THROW(delivery_page(json::object()));
}

TEST(DeliveryPage, ShowsEveryAttempt) {
  auto delivery = entry(7);
  delivery["tries"] = {
      {{"at", "2026-11-20T10:00:01.000Z"}, {"took_ms", 12}, {"status", 500}, {"error", "rejected"}},
      {{"at", "2026-11-20T10:00:11.000Z"},
       {"took_ms", 10000},
       {"status", nullptr},
       {"error", "deadline_exceeded"}},
      {{"at", "2026-11-20T10:00:30.000Z"}, {"took_ms", 8}, {"status", 204}, {"error", ""}}};
  const auto page = delivery_page(delivery);
  EXPECT_THAT(page, HasSubstr("2026-11-20T10:00:01.000Z      12 ms  500        rejected\n"));
  EXPECT_THAT(page, HasSubstr("no answer  deadline_exceeded\n"));
  EXPECT_THAT(page, HasSubstr("204        ok\n"));
}

TEST(StatusPage, SaysHowProvidersAndSubscribersStand) {
  const json sync = {{"providers",
                      {{{"name", "main"},
                        {"kind", "passninja"},
                        {"state", "failing"},
                        {"last_error", "rejected"},
                        {"last_status", 503},
                        {"queued", 4},
                        {"oldest_queued", "2026-11-20T10:00:00Z"},
                        {"refused", 2},
                        {"ambiguous", 1},
                        {"templates",
                         {{{"template", "ptk_0x14"}, {"completed_at", "2026-11-20T09:00:00Z"}},
                          {{"template", "ptk_0x15"}, {"completed_at", nullptr}}}},
                        {"sweep",
                         {{"template", "ptk_0x15"},
                          {"rows", 1200},
                          {"total", 5000},
                          {"since", "2026-11-20T10:10:00Z"}}},
                        {"pushes", {{"accepted", 3}, {"last_refusal", nullptr}}}}}},
                     {"subscribers",
                      {{{"name", "backend"},
                        {"state", "waiting for consent"},
                        {"last_error", ""},
                        {"queued", 0},
                        {"dead", 0}}}}};
  const auto page = status_page(json::object(), sync);
  EXPECT_THAT(page, HasSubstr("provider main (passninja)  failing (rejected, HTTP 503)  queued 4 "
                              "since 2026-11-20T10:00:00Z  2 failed  1 ambiguous\n"));
  EXPECT_THAT(page, HasSubstr("template ptk_0x14  complete as of 2026-11-20T09:00:00Z\n"));
  EXPECT_THAT(page, HasSubstr("template ptk_0x15  complete as of never\n"));
  EXPECT_THAT(page, HasSubstr("sweeping ptk_0x15  1200 of 5000  since 2026-11-20T10:10:00Z\n"));
  EXPECT_THAT(page, HasSubstr("pushes  accepted 3\n"));
  json refused = sync;
  refused["providers"][0]["pushes"]["last_refusal"] = "auth_failed";
  EXPECT_THAT(status_page(json::object(), refused),
              HasSubstr("pushes  accepted 3  last refused: auth_failed\n"));
  EXPECT_THAT(page, HasSubstr("webhook  backend  waiting for consent  queued 0\n"));
}

/// As sync.sock: 250 deliveries are kept, number 9 has not failed.
json answer(const json& message) {
  if (message["type"] != "deliveries") {
    if (message["id"] != 9) return {{"type", "ok"}};
    return {{"type", "error"}, {"error", "rejected"}, {"why", "not_failed"}};
  }
  json found = json::array();
  if (message.contains("id")) {
    if (message["id"] <= 250) found.push_back(entry(message["id"]));
  } else {
    auto id = message.value("before", std::int64_t{251}) - 1;
    for (; id > 0 && found.size() < message["limit"]; --id) found.push_back(entry(id));
  }
  return {{"type", "deliveries"}, {"deliveries", found}};
}

struct DeliveriesCommand : testing::Test {
  TempFolder folder;
  std::filesystem::path config = folder.write("passgate.toml",
                                              "[terminal]\nid = \"gate\"\nstate_dir = \"state\"\n"
                                              "runtime_dir = \"run\"\n");
  Guarded<std::vector<json>> questions;
  std::optional<test::AnsweringSocket> sync;

  void SetUp() override {
    std::filesystem::create_directories(folder.path() / "run/sync");
    sync.emplace(folder.path() / "run/sync/sync.sock", [this](const json& message) {
      questions.with([&](auto& all) { all.push_back(message); });
      return answer(message);
    });
  }
  std::vector<json> asked() const {
    return questions.with([](const auto& all) { return all; });
  }
  int run(std::vector<std::string> words) {
    int exit_status = -1;
    CLI::App app("", "passgate");
    add_deliveries(app, exit_status);
    words.insert(words.begin(), {"deliveries", "--config", config.string()});
    std::ranges::reverse(words);  // As CLI11 wants them.
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
      app.parse(words);
    } catch (const CLI::ParseError&) {
      exit_status = EX_USAGE;
    }
    std::fflush(stdout);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return exit_status;
  }
  std::string out;
  std::string err;
};

TEST_F(DeliveriesCommand, ListsAsManyAsAskedForAPageAtATime) {
  EXPECT_EQ(run({"--json", "--limit", "230"}), EX_OK);
  EXPECT_EQ(std::ranges::count(out, '\n'), 230);
  EXPECT_EQ(json::parse(out.substr(0, out.find('\n')))["id"], 250);
  EXPECT_EQ(asked().size(), 3U);
  EXPECT_EQ(run({"--json", "--limit", "1000"}), EX_OK);
  EXPECT_EQ(std::ranges::count(out, '\n'), 250);
}

TEST_F(DeliveriesCommand, AsksOnlyForFailedOnesWhenToldTo) {
  EXPECT_EQ(run({"--failed"}), EX_OK);
  EXPECT_EQ(asked().at(0)["failed"], true);
  EXPECT_EQ(std::ranges::count(out, '\n'), 21);  // A heading and twenty.
}

TEST_F(DeliveriesCommand, ShowsOneDelivery) {
  EXPECT_EQ(run({"show", "7"}), EX_OK);
  EXPECT_THAT(out, HasSubstr("delivery 7 to backend"));
  EXPECT_EQ(run({"show", "7", "--json"}), EX_OK);
  EXPECT_EQ(json::parse(out), entry(7));
  EXPECT_EQ(run({"show", "4711"}), EX_DATAERR);
  EXPECT_THAT(err, HasSubstr("there is no delivery 4711"));
}

TEST_F(DeliveriesCommand, OrdersAgainAndBackAndSaysSo) {
  EXPECT_EQ(run({"redeliver", "7"}), EX_OK);
  EXPECT_THAT(out, HasSubstr("queued"));
  EXPECT_EQ(asked().back(), (json{{"type", "redeliver"}, {"id", 7}}));
  EXPECT_EQ(run({"undo", "8"}), EX_OK);
  EXPECT_EQ(asked().back(), (json{{"type", "undo"}, {"id", 8}}));
}

TEST_F(DeliveriesCommand, SaysWhyNotAndWhatToDo) {
  EXPECT_EQ(run({"redeliver", "9"}), EX_DATAERR);
  EXPECT_THAT(err, HasSubstr("delivery 9 has not failed"));
  EXPECT_THAT(err, HasSubstr("passgate deliveries show 9"));
  EXPECT_EQ(out, "");
  for (const char* why : {"unknown", "not_failed", "use_undone", "not_recorded", "undone"}) {
    EXPECT_THAT(refusal_sentence({{"why", why}}, 9), Not(HasSubstr("refuses it"))) << why;
  }
  EXPECT_THAT(refusal_sentence({{"why", "use_undone"}}, 9), HasSubstr("was undone"));
}

TEST_F(DeliveriesCommand, RefusesNumbersThatAreNone) {
  for (const char* id : {"0", "-1", "x"}) EXPECT_EQ(run({"redeliver", id}), EX_USAGE) << id;
  EXPECT_EQ(run({"--limit", "0"}), EX_USAGE);
  EXPECT_EQ(run({"redeliver"}), EX_USAGE);
  EXPECT_TRUE(asked().empty());
}

TEST_F(DeliveriesCommand, SaysThatTheDaemonIsAbsent) {
  sync.reset();
  EXPECT_EQ(run({}), EX_UNAVAILABLE);
  EXPECT_THAT(err, HasSubstr("passgate-syncd does not answer"));
}

}  // namespace
}  // namespace passgate::cli
