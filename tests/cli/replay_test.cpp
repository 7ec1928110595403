// SPDX-License-Identifier: Apache-2.0
#include "cli/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/temporary_folder.h"

namespace passgate::cli {
namespace {

using testing::HasSubstr;

class Replay : public testing::Test {
 protected:
  int run(const std::filesystem::path& file) {
    options.file = file;
    return run_replay(options, out, err);
  }
  int run_text(const std::string& text) { return run(folder.write("tap.apdu", text)); }
  static std::filesystem::path fixture(const std::string& id) {
    return std::filesystem::path(PASSGATE_FIXTURES) / "taps" / (id + ".apdu");
  }
  /// A fixture with one word replaced.
  static std::string changed(const std::string& id, const std::string& from,
                             const std::string& to) {
    std::string text = read_fixture("taps/" + id + ".apdu");
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
  }

  TemporaryFolder folder;
  ReplayOptions options;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(Replay, RunsEveryFixtureToItsRecordedEnd) {
  for (const auto& entry : std::filesystem::directory_iterator(fixture("x").parent_path())) {
    EXPECT_EQ(run(entry.path()), EX_OK) << entry.path() << out.str();
  }
}

TEST_F(Replay, ShowsTheOpenedPass) {
  EXPECT_EQ(run(fixture("vas_real_kormax_trace")), EX_OK);
  EXPECT_EQ(out.str(),
            "1. apple-passes 1  (2 exchanges)\n"
            "   pass.com.passkit.pksamples.nfcdemo  2023-07-09T16:35:58Z  "
            "\"6d1UlFpnOc50iVKRaboDOK\"\n");
}

TEST_F(Replay, TellsTheContactsOfOnePhoneApart) {
  options.json = true;
  EXPECT_EQ(run(fixture("vas_locked_then_ok")), EX_OK);
  std::istringstream lines(out.str());
  std::string first;
  std::string second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_EQ(nlohmann::json::parse(first).at("outcome"), "phone-locked");
  const auto passed = nlohmann::json::parse(second);
  EXPECT_EQ(passed.at("contact"), 2);
  EXPECT_EQ(passed.at("passes").at(0).at("payload"), "MEMBER-0002");
}

TEST_F(Replay, NoticesAnotherOutcome) {
  EXPECT_EQ(run_text(changed("vas_locked_then_ok", "== phone-locked", "== choose-on-phone")),
            EX_DATAERR);
  EXPECT_THAT(out.str(), HasSubstr("DIFFERS  recorded outcome: choose-on-phone"));
}

TEST_F(Replay, NoticesAnotherCommandAndShowsBoth) {
  EXPECT_EQ(run_text(changed("vas_single_ok", ">> 80ca0101", ">> 80ca0102")), EX_DATAERR);
  EXPECT_THAT(out.str(), HasSubstr("exchange 2: recorded 80ca0102"));
  EXPECT_THAT(out.str(), HasSubstr("sent 80ca0101"));
}

TEST_F(Replay, NoticesAnotherPayload) {
  EXPECT_EQ(run_text(changed("vas_single_ok", "=> pass.com.example.loyalty 2025", "=> x 2025")),
            EX_DATAERR);
}

TEST_F(Replay, NoticesExchangesThatWereNotNeeded) {
  EXPECT_EQ(run_text(changed("vas_error_6a80", "== ", ">> 00b00000\n<< 9000\n== ")), EX_DATAERR);
  EXPECT_THAT(out.str(), HasSubstr("ended after 2 of 3 exchanges"));
}

TEST_F(Replay, OpensWithTheKeysItIsGiven) {
  const std::string text = changed("vas_real_kormax_trace", "key hex:", "# ");
  EXPECT_EQ(run_text(text), EX_OK);
  EXPECT_THAT(out.str(), HasSubstr("unknown_key: sealed for key c0b77375"));
  options.keys = {folder.write("demo.pem", read_fixture("keys/passkit-demo.pem"))};
  EXPECT_EQ(run_text(text), EX_OK);
  EXPECT_THAT(out.str(), HasSubstr("6d1UlFpnOc50iVKRaboDOK"));
}

TEST_F(Replay, ReplaysAPhoneThatLeft) {
  EXPECT_EQ(run_text("profile apple merchants=a\n"
                     ">> 00a404000a4f53452e5641532e303100\n!! card_removed\n"
                     "== error card_removed\n"),
            EX_OK);
}

TEST_F(Replay, SaysWhichLineIsMalformed) {
  EXPECT_EQ(run_text("profile apple merchants=a\n>> xyz\n"), EX_DATAERR);
  EXPECT_THAT(err.str(), HasSubstr("tap.apdu:2: not hex"));
}

TEST_F(Replay, RefusesAKeyLineThatIsNoKey) {
  EXPECT_EQ(run_text("profile apple merchants=a\nkey hex:" + std::string(64, '0') + "\n"),
            EX_DATAERR);
  EXPECT_THAT(err.str(), HasSubstr("no P-256 scalar"));
}

TEST_F(Replay, NamesAFileItCannotRead) {
  EXPECT_EQ(run(folder.path() / "absent.apdu"), EX_NOINPUT);
  EXPECT_EQ(run(folder.path()), EX_NOINPUT);
  EXPECT_THAT(err.str(), HasSubstr("absent.apdu: No such file"));
}

}  // namespace
}  // namespace passgate::cli
