// SPDX-License-Identifier: Apache-2.0
// docs/gate-rules.md says what the programs do: every block is run, and nothing is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "gate/vocabulary.h"
#include "tests/cli/fixture.h"

namespace passgate::cli {
namespace {

using testing::HasSubstr;

std::string document(const char* name) {
  return test::content_of(std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs" / name);
}

/// A command of the document and what it prints.
struct Block {
  std::string command;
  std::string output;
};

std::vector<Block> blocks_of(const std::string& text) {
  constexpr std::string_view kCommand = "```sh\n";
  constexpr std::string_view kOutput = "\n```\n```text\n";
  std::vector<Block> blocks;
  for (std::size_t at = text.find(kCommand); at != std::string::npos;
       at = text.find(kCommand, at + 1)) {
    const std::size_t start = at + kCommand.size();
    const std::size_t middle = text.find("\n```", start);
    Block block{.command = text.substr(start, middle - start), .output = "(none follows it)"};
    if (text.compare(middle, kOutput.size(), kOutput) == 0) {
      const std::size_t output = middle + kOutput.size();
      block.output = text.substr(output, text.find("```", output) - output);
    }
    blocks.push_back(block);
  }
  return blocks;
}

/// What a shell prints, in the folder of the examples.
std::string run_in_examples(const std::string& command) {
  const std::string line = "cd '" PASSGATE_SOURCE_DIR "/docs/gate-rules' && PATH='" PASSGATE_BIN_DIR
                           "':$PATH && " +
                           command + " 2>&1";
  std::string output;
  std::FILE* const shell = ::popen(line.c_str(), "r");
  if (shell == nullptr) return "(no shell)";
  std::array<char, 4096> part{};
  for (std::size_t read = 0; (read = std::fread(part.data(), 1, part.size(), shell)) > 0;) {
    output.append(part.data(), read);
  }
  return ::pclose(shell) == 0 ? output : output + "(failed)";
}

TEST(GateRulesDocument, ShowsWhatItsCommandsPrint) {
  const std::vector<Block> blocks = blocks_of(document("gate-rules.md"));
  EXPECT_GE(blocks.size(), 17U);
  for (const Block& block : blocks) {
    EXPECT_EQ(run_in_examples(block.command), block.output) << block.command;
  }
}

TEST(GateRulesDocument, ShowsEveryExampleThereIs) {
  const std::string text = document("gate-rules.md");
  for (const auto& entry :
       std::filesystem::directory_iterator(PASSGATE_SOURCE_DIR "/docs/gate-rules")) {
    EXPECT_THAT(text, HasSubstr(" " + entry.path().filename().string()));
  }
}

TEST(GateRulesDocument, ExplainsEveryReasonToTheSteward) {
  const std::string text = document("gate-rules.md");
  for (int reason = 0; reason <= static_cast<int>(gate::Reason::remote_unavailable); ++reason) {
    const std::string word(gate::name(static_cast<gate::Reason>(reason)));
    EXPECT_THAT(text, HasSubstr("\n| `" + word + "` | ")) << word;
  }
}

/// The keys that the example of a configuration offers from `first` up to `last`.
std::set<std::string> keys_between(const std::string& first, const std::string& last) {
  const std::string text = document("example.toml");
  const std::size_t start = text.find("\n" + first);
  const std::string part = text.substr(start, text.find("\n" + last) - start);
  const std::regex key("(?:^|\n)(?:# )?([a-z_]+) = ");
  std::set<std::string> keys;
  for (std::sregex_iterator match(part.begin(), part.end(), key), end; match != end; ++match) {
    keys.insert((*match)[1]);
  }
  return keys;
}

TEST(GateRulesDocument, ExplainsEveryRuleToTheOrganiser) {
  // What a pass is called, how it is read and what is typed are no rules of the gate.
  const std::set<std::string> no_rules = {"name",         "provider", "template",     "join",
                                          "pattern",      "type",     "display",      "apple",
                                          "google",       "version",  "services",     "key",
                                          "collector_id", "keys",     "pass_type_id", "signup_url"};
  const std::string text = document("gate-rules.md");
  const auto keys = keys_between("[[pass]]", "[keyboard]");
  EXPECT_TRUE(keys.contains("uses") && keys.contains("capacity") && keys.contains("allow"));
  for (const std::string& key : keys) {
    if (no_rules.contains(key)) continue;
    const std::regex stands("`" + key + "( = [^`]*)?`");
    EXPECT_TRUE(std::regex_search(text, stands)) << key;
  }
}

}  // namespace
}  // namespace passgate::cli
