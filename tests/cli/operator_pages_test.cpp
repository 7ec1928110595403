// SPDX-License-Identifier: Apache-2.0
// What an operator reads: one line a tap, one page of status.
#include <gtest/gtest.h>

#include "cli/operator_acts.h"
#include "cli/readers.h"
#include "cli/status.h"
#include "cli/taps.h"

namespace passgate::cli {
namespace {

using nlohmann::json;

TEST(TapLine, SaysWhenWhereWhatAndWhy) {
  const std::string line = tap_line({{"time", "2026-11-20T19:04:11.482Z"},
                                     {"reader", "north-1"},
                                     {"decision", "deny"},
                                     {"reason", "already_redeemed"},
                                     {"pass", "season-ticket"},
                                     {"pass_id", "838b"},
                                     {"first_use", "2026-11-20T18:59:00.000Z"},
                                     {"first_reader", "south-2"}});
  for (const char* part : {"19:04:11.482", "north-1", "deny", "already_redeemed", "838b",
                           "first used 2026-11-20T18:59:00.000Z at south-2"}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in: " << line;
  }
}

TEST(TapLine, SaysWhoDecidedWhatOfWhichTap) {
  const std::string line = tap_line({{"kind", "override"},
                                     {"decision", "admit"},
                                     {"reason", "already_redeemed"},
                                     {"operator", "anna"},
                                     {"why", "knows her"},
                                     {"refers", "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"}});
  EXPECT_NE(line.find("admit override"), std::string::npos) << line;
  EXPECT_NE(line.find("by anna (knows her) of tap 019a9c3e-7b1f"), std::string::npos) << line;
  EXPECT_EQ(line.find("already_redeemed"), std::string::npos) << "it was admitted";
}

TEST(TapLine, SaysOnceThatAConflictIsWithdrawn) {
  const std::string line = tap_line({{"kind", "conflict"},
                                     {"conflict", "wrongly_refused"},
                                     {"refers", "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"},
                                     {"flag", "withdrawn"}});
  EXPECT_TRUE(
      line.ends_with("conflict wrongly_refused of 019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11, withdrawn"))
      << line;
}

TEST(ActSentence, SaysWhatWasDoneOrStandsAlready) {
  json answer = {{"new", true},
                 {"tap",
                  {{"kind", "override"},
                   {"tap_id", "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"},
                   {"operator", "anna"},
                   {"pass", "season-ticket"},
                   {"pass_id", "838b"},
                   {"use", 2},
                   {"needed", true}}}};
  EXPECT_EQ(act_sentence(answer),
            "admitted by anna: season-ticket 838b, use 2\n"
            "override 019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11");
  answer["new"] = false;
  answer["tap"]["needed"] = false;
  EXPECT_EQ(act_sentence(answer).substr(0, 70),
            "stands already: admitted by anna: season-ticket 838b, use 2; the rules");
  EXPECT_NO_THROW(act_sentence(json::object()));
}

TEST(ActSentence, SaysHowManyPeopleItWasAbout) {
  const json tap = {{"kind", "override"}, {"operator", "anna"}, {"pass", "group"},
                    {"pass_id", "838b"},  {"use", 2},           {"party", 3},
                    {"needed", true}};
  const auto sentence = act_sentence({{"new", true}, {"tap", tap}});
  EXPECT_TRUE(sentence.starts_with("admitted by anna: group 838b, use 2, 3 people\n")) << sentence;
}

TEST(ActRefusal, HasASentenceForWhatAnOperatorCanDo) {
  for (const char* error : {"no_such_tap", "not_refused", "not_overridable", "not_admitted",
                            "bad_value", "use_taken"}) {
    EXPECT_EQ(act_refusal(error, "t").find(error), std::string::npos) << error;
  }
  EXPECT_NE(act_refusal("storage_full", "t").find("storage_full"), std::string::npos);
}

TEST(TapLine, LetsNoPassControlTheOperatorsTerminal) {
  const std::string line = tap_line({{"pass", "p"},
                                     {"pass_id",
                                      "\x1b]0;owned\x07\r\n\x9b"
                                      "31m"}});
  for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << static_cast<int>(c);
}

TEST(TapLine, SurvivesMissingMembers) {
  EXPECT_NO_THROW(tap_line(json::object()));
}

TEST(StatusPage, SaysThatSyncdIsAbsentAndTheJournalOutOfOrder) {
  const json core = {{"terminal", "gate-a1"}, {"journal", {{"healthy", false}}}};
  const std::string page = status_page(core, json());
  EXPECT_NE(page.find("OUT OF ORDER"), std::string::npos);
  EXPECT_NE(page.find("syncd    not running"), std::string::npos);
}

TEST(StatusPage, ShowsTheDaemonThatIsThere) {
  const json sync = {{"cursor", 4711}};
  const std::string page = status_page(json(), sync);
  EXPECT_NE(page.find("passgated  not running"), std::string::npos) << page;
  EXPECT_NE(page.find("taken over up to 4711"), std::string::npos) << page;
}

TEST(StatusPage, CallsAReaderAsEventsDo) {
  const json core = {{"readers",
                      {{{"reader", "north-1"}, {"name", "ACS ACR1252"}, {"state", "idle"}},
                       {{"reader", "ACS 2"}, {"name", "ACS 2"}, {"state", "stuck"}}}}};
  const std::string page = status_page(core, json());
  EXPECT_NE(page.find("reader   north-1  idle  (ACS ACR1252)\n"), std::string::npos) << page;
  EXPECT_NE(page.find("reader   ACS 2  stuck\n"), std::string::npos) << page;
}

TEST(StatusPage, TellsValidityThatIsNotCheckedFromValidityNeverFetched) {
  const json core = {
      {"passes", {{{"name", "loyalty"}}, {{"name", "ticket"}, {"provider", "main"}}}}};
  const std::string page = status_page(core, json());
  EXPECT_NE(page.find("loyalty  no provider"), std::string::npos) << page;
  EXPECT_NE(page.find("ticket  provider main  validity as of never"), std::string::npos) << page;
}

runtime::Config with_a_north_gate() {
  runtime::Config config;
  config.readers.push_back({.name = "north-1", .match = "ACS*", .zone = "north"});
  config.readers.back().passes = {"ticket", "staff"};
  return config;
}

TEST(ReadersPage, SaysWhatEachReaderIsFor) {
  const json core = {
      {"pcsc", true},
      {"readers",
       {{{"reader", "north-1"}, {"name", "ACS ACR1252"}, {"state", "idle"}, {"visits", 7}}}}};
  EXPECT_EQ(readers_page(readers_json(core, with_a_north_gate())),
            "north-1  idle  7 visits  (ACS ACR1252)\n"
            "         gate, entry to north, ticket, staff\n");
}

TEST(ReadersPage, SaysWhichReaderIsNotUsed) {
  const json core = {{"pcsc", true}, {"readers", {{{"reader", "HID 5422"}, {"name", "HID 5422"}}}}};
  const std::string page = readers_page(readers_json(core, with_a_north_gate()));
  EXPECT_NE(page.find("no [[reader]] matches it"), std::string::npos) << page;
}

TEST(ReadersPage, TellsNoPcscdFromNoReader) {
  EXPECT_NE(readers_page(readers_json({{"pcsc", false}}, {})).find("pcscd cannot be reached"),
            std::string::npos);
  EXPECT_NE(readers_page(readers_json({{"pcsc", true}}, {})).find("lists no reader"),
            std::string::npos);
}

}  // namespace
}  // namespace passgate::cli
