// SPDX-License-Identifier: Apache-2.0
#include "cli/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "tests/cli/fixture.h"
#include "tests/rig/answering_socket.h"

namespace passgate::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

struct MergeCommand : testing::Test {
  TempFolder folder;
  std::filesystem::path config = folder.write("passgate.toml",
                                              "[terminal]\nid = \"gate\"\nstate_dir = \"state\"\n"
                                              "runtime_dir = \"run\"\n");
  std::atomic<std::size_t> taken{0};
  std::optional<test::AnsweringSocket> terminal;
  std::string out;
  std::string err;

  void SetUp() override {
    std::filesystem::create_directories(folder.path() / "run/core");
    // Takes whatever record it can read.
    terminal.emplace(folder.path() / "run/core/control.sock", [this](const json& message) -> json {
      const auto count = message.at("taps").size();
      taken += count;
      return {{"type", "merged"}, {"new", count}};
    });
  }
  int merge(const std::string& text) {
    int exit_status = -1;
    CLI::App app("", "passgate");
    add_merge(app, exit_status);
    const auto file = folder.write("other.jsonl", text);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    app.parse(std::vector<std::string>{"--json", config.string(), "--config", file.string(),
                                       "merge"});  // Backwards, as CLI11 wants them.
    std::fflush(stdout);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return exit_status;
  }
  json summary() const { return json::parse(out, nullptr, false); }
};

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']') + "\n";
}

TEST_F(MergeCommand, RefusesALineThatNestsBeyondReasonAndTakesTheOthers) {
  for (const std::size_t depth : {31UL, 5'000UL, 30'000UL}) {
    EXPECT_EQ(merge("{}\n" + nested(depth) + "{}\n{}\n"), EX_DATAERR) << depth << err;
    EXPECT_THAT(err, HasSubstr("line 2 is refused: bad_value")) << depth;
    EXPECT_EQ(summary().value("new", 0), 3) << depth << out;
    EXPECT_EQ(summary().value("refused", 0), 1) << depth << out;
  }
  EXPECT_EQ(taken, 9U);
  EXPECT_EQ(merge(nested(30)), EX_OK) << "what passgated can read is for it to judge";
}

TEST_F(MergeCommand, RefusesLinesThatAreTooLongForAMessageAndTakesTheOthers) {
  std::string numbers = "[1e14";
  while (numbers.size() < 60'000) numbers += ",1e14";
  numbers += "]\n";
  std::string text = "{}\n";
  for (int i = 0; i < 10; ++i) text += numbers;
  EXPECT_EQ(merge(text + std::string(70'000, ' ') + "{}\n{}\n"), EX_DATAERR) << err;
  EXPECT_THAT(err, HasSubstr("line 2 is refused: too_large"));
  EXPECT_THAT(err, HasSubstr("line 12 is refused: too_large"));
  EXPECT_THAT(err, Not(HasSubstr("line 13")));
  EXPECT_EQ(summary().value("new", 0), 2) << out;
  EXPECT_EQ(summary().value("refused", 0), 11) << out;
}

TEST_F(MergeCommand, SaysWhichLineIsNoJson) {
  EXPECT_EQ(merge("{}\n{\n{}\n"), EX_DATAERR);
  EXPECT_THAT(err, HasSubstr("line 2 is no JSON"));
  EXPECT_EQ(taken, 2U);
}

}  // namespace
}  // namespace passgate::cli
