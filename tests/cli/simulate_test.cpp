// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "gate/journal.h"
#include "tests/cli/fixture.h"
#include "tests/gate/sample_taps.h"

namespace passgate::cli {
namespace {

using gate::TapRecord;
using testing::HasSubstr;

class SimulateTest : public testing::Test {
 protected:
  int run(const std::filesystem::path& journal, const std::string& rules) {
    const auto policy = folder.write("policy.toml",
                                     "[terminal]\nid = \"gate-a1\"\n[[pass]]\n"
                                     "name = \"season-ticket\"\n"
                                     "apple = { pass_type_id = \"pass.com.example.season\", "
                                     "keys = [\"file:nowhere.pem\"] }\n" +
                                         rules);
    out.str({});
    err.str({});
    return run_simulate({.journal = journal, .policy = policy, .json = json}, out, err);
  }
  std::filesystem::path lines(const std::vector<TapRecord>& records) {
    std::string text;
    for (const TapRecord& record : records) text += gate::to_json(record).dump() + "\n";
    return folder.write("records.jsonl", text);
  }
  static TapRecord positioned(std::uint64_t n, const std::string& pass,
                              std::optional<unsigned> use) {
    TapRecord record = gate::tap(n, pass, use);
    record.position = n;
    return record;
  }

  test::TempFolder folder;
  bool json = false;
  std::ostringstream out;
  std::ostringstream err;
};

// Three taps, the last two refused; the journal is open, as at a terminal that runs.
TEST_F(SimulateTest, ReadsAJournalThatIsInUseAndLeavesItAlone) {
  const auto file = folder / "journal.db";
  auto journal = gate::Journal::open({.path = file, .vfs = {}});
  ASSERT_TRUE(journal);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    const auto use = n == 1 ? std::optional(1U) : std::nullopt;
    ASSERT_TRUE(journal->record(gate::tap(n, "p", use), {}));
  }
  const std::string before = test::content_of(file);
  EXPECT_EQ(run(file, "uses = 2\n"), EX_OK) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("season-ticket p  deny already_redeemed -> admit\n"));
  EXPECT_THAT(out.str(),
              HasSubstr("3 taps judged, 2 would differ: 1 more admitted, 0 more refused"));
  EXPECT_EQ(test::content_of(file), before);
  EXPECT_TRUE(journal->record(gate::tap(4, "p", std::nullopt), {}));
}

TEST_F(SimulateTest, TakesWhatOtherTerminalsToldTheJournal) {
  const auto file = folder / "journal.db";
  auto journal = gate::Journal::open({.path = file, .vfs = {}});
  ASSERT_TRUE(journal);
  TapRecord peer = positioned(1, "p", 1);
  peer.terminal = "gate-b2";
  ASSERT_TRUE(journal->add_peers({&peer, 1}));
  ASSERT_TRUE(journal->record(gate::tap(2, "p", 1), {}));
  EXPECT_EQ(run(file, ""), EX_OK) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("admit -> deny already_redeemed"));
}

TEST_F(SimulateTest, PutsRecordsInOrderHoweverTheyStandInTheFile) {
  const auto one = positioned(1, "p", 1);
  const auto two = positioned(2, "p", 2);
  auto three = positioned(3, "p", 1);
  three.terminal = "gate-b2";
  ASSERT_EQ(run(lines({one, two, three}), ""), EX_OK) << err.str();
  const std::string told = out.str();
  EXPECT_THAT(told, HasSubstr("3 taps judged, 2 would differ: 0 more admitted, 2 more refused"));
  ASSERT_EQ(run(lines({three, two, one, two, three}), ""), EX_OK);
  EXPECT_EQ(out.str(), told);
}

TEST_F(SimulateTest, DiffersNowhereUnderTheRulesThatTheRecordsWereMadeBy) {
  std::vector<TapRecord> records = {positioned(1, "p", 1), positioned(2, "p", {}),
                                    positioned(3, "q", 1)};
  EXPECT_EQ(run(lines(records), ""), EX_OK);
  EXPECT_THAT(out.str(), testing::StartsWith("3 taps judged, 0 would differ"));
}

TEST_F(SimulateTest, PrintsJsonOneObjectALineAndTheTotalsLast) {
  json = true;
  ASSERT_EQ(run(lines({positioned(1, "p", 1), positioned(2, "p", {})}), "reusable = true\n"),
            EX_OK);
  std::istringstream printed(out.str());
  std::string line;
  ASSERT_TRUE(std::getline(printed, line));
  const auto tap = nlohmann::json::parse(line);
  EXPECT_EQ(tap["tap_id"], gate::tap_id(2).text());
  EXPECT_EQ(tap["recorded"]["reason"], "already_redeemed");
  EXPECT_EQ(tap["would_be"]["decision"], "admit");
  ASSERT_TRUE(std::getline(printed, line));
  EXPECT_EQ(nlohmann::json::parse(line)["totals"]["admitted_would_be"], 2);
}

TEST_F(SimulateTest, SaysWhatItCannotRead) {
  EXPECT_EQ(run(folder / "nowhere", ""), EX_NOINPUT);
  EXPECT_EQ(
      run(folder.write("bad.jsonl", gate::to_json(positioned(1, "p", 1)).dump() + "\n{}\n"), ""),
      EX_DATAERR);
  EXPECT_THAT(err.str(), HasSubstr("bad.jsonl:2: is no record"));
  EXPECT_EQ(run(folder.write("bad.db", std::string("SQLite format 3\0 and then nothing", 33)), ""),
            EX_DATAERR);
  EXPECT_EQ(run(lines({}), "once_per_day = \"Europe/Atlantis\"\nreusable = true\n"), EX_CONFIG);
  EXPECT_EQ(run(lines({}), "uses = 0\n"), EX_CONFIG);
  EXPECT_THAT(err.str(), HasSubstr("policy.toml:6"));
}

TEST_F(SimulateTest, ShowsNoEscapeSequenceOfAPass) {
  ASSERT_EQ(run(lines({positioned(1, "\x1b[2J", 1), positioned(2, "\x1b[2J", {})}), "uses = 2\n"),
            EX_OK);
  EXPECT_EQ(out.str().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace passgate::cli
