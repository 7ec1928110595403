// SPDX-License-Identifier: Apache-2.0
#include "cli/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/fixture.h"

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

  TempFolder folder;
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

TEST_F(Replay, ShowsTheObjectsOfAnAndroidPhone) {
  EXPECT_EQ(run(fixture("st_google_sample_app_full_flow")), EX_OK);
  EXPECT_EQ(out.str(),
            "1. google-passes 20180608  (4 exchanges)\n"
            "   20180608  loyalty 21c94a5101e25eaa  \"2018\"\n"
            "   20180608  customer 00000000000000000000000000000000  language \"en\"\n");
}

TEST_F(Replay, PrintsTheObjectsOfAnAndroidPhoneExactly) {
  options.json = true;
  EXPECT_EQ(run(fixture("st_google_sample_app_full_flow")), EX_OK);
  const auto contact = nlohmann::json::parse(out.str());
  EXPECT_EQ(contact.at("outcome"), "google-passes 20180608");
  ASSERT_EQ(contact.at("passes").size(), 2U);
  EXPECT_EQ(contact.at("passes")[0], nlohmann::json({{"collector", 20180608},
                                                     {"kind", "loyalty"},
                                                     {"object_id", "21c94a5101e25eaa"},
                                                     {"service_number", "2018"},
                                                     {"service_number_hex", "32303138"},
                                                     {"service_number_format", "rtd_text"},
                                                     {"issuer_type", 1},
                                                     {"issuer_id", "00000000"}}));
  EXPECT_EQ(contact.at("passes")[1].at("customer_id"), std::string(32, '0'));
  EXPECT_EQ(contact.at("passes")[1].at("tap_id"), "c42d4eaec1bb678ff56c31fab5698ea8");
  EXPECT_EQ(contact.at("differences"), nlohmann::json::array());
}

TEST_F(Replay, ShowsTheCustomerWhoHasNoPass) {
  EXPECT_EQ(run(fixture("st_no_pass_9001_customer")), EX_OK);
  EXPECT_THAT(out.str(), HasSubstr("1. no-matching-pass"));
  EXPECT_THAT(out.str(), HasSubstr("20260101  customer 0000"));
}

TEST_F(Replay, SaysWhyABundleDoesNotOpen) {
  // One byte before the status word belongs to the bundle's MAC.
  EXPECT_EQ(run_text(changed("st_skip_select_encrypted_zlib", "9e1e0d1 9000", "9e1e0d2 9000")),
            EX_DATAERR);
  EXPECT_THAT(out.str(), HasSubstr("auth_failed: not sealed for this session"));
  EXPECT_THAT(out.str(), HasSubstr("DIFFERS  recorded pass: 20260101 loyalty"));
}

TEST_F(Replay, NoticesAnotherObject) {
  EXPECT_EQ(run_text(changed("st_unencrypted", "rtd_text 434c", "rtd_text 444c")), EX_DATAERR);
  EXPECT_THAT(out.str(), HasSubstr("DIFFERS  recorded pass: 20260101 loyalty"));
}

TEST_F(Replay, NoticesAnotherSession) {
  EXPECT_EQ(run_text(changed("st_unencrypted", "session=830b", "session=840b")), EX_DATAERR);
  EXPECT_THAT(out.str(), HasSubstr("DIFFERS  exchange 2: recorded 9050"));
}

TEST_F(Replay, RefusesAnEphemeralThatIsNoKey) {
  EXPECT_EQ(run_text(changed("st_locked_9300",
                             "15d31ca87dd69f88e75b45c73d7c310b22f90cb638cf989f85aa9cea5c4212ac",
                             std::string(64, 'f'))),
            EX_DATAERR);
  EXPECT_THAT(err.str(), HasSubstr("an ephemeral is no P-256 scalar"));
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
