// SPDX-License-Identifier: Apache-2.0
// docs/errors.md and the closed list say the same.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "core/result.h"

namespace passgate {
namespace {

constexpr int kBeyondEveryCode = 700;

using Codes = std::map<std::string, int>;

std::string name_of(int code) {
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): beyond the list is the point
  return std::string(name(static_cast<Errc>(code)));
}

Codes codes_of_the_list() {
  Codes codes;
  for (int code = 0; code <= kBeyondEveryCode; ++code) {
    const std::string text = name_of(code);
    if (text != "unlisted") codes.emplace(text, code);
  }
  return codes;
}

/// The rows "| 100 | `card_removed` | …" of a document. A row with an empty cell
/// counts as none.
Codes codes_of(std::istream& document) {
  Codes codes;
  for (std::string line; std::getline(document, line);) {
    std::istringstream cells(line);
    std::string before, code, text, meaning, detail, action;
    for (auto* cell : {&before, &code, &text, &meaning, &detail, &action}) {
      std::getline(cells, *cell, '|');
    }
    const bool row = text.size() > 4 && text.starts_with(" `") && text.ends_with("` ");
    if (row && meaning.size() > 2 && detail.size() > 2 && action.size() > 2) {
      codes.emplace(text.substr(2, text.size() - 4), std::stoi(code));
    }
  }
  return codes;
}

TEST(ErrorsDocument, ExplainsEveryCodeAndNoOther) {
  std::ifstream document(PASSGATE_SOURCE_DIR "/docs/errors.md");
  ASSERT_TRUE(document);
  EXPECT_EQ(codes_of(document), codes_of_the_list());
}

TEST(ErrorsDocument, CountsOnlyRowsThatSayEverything) {
  std::istringstream document(
      "| code | name | meaning | detail | what to do |\n"
      "| 1 | `whole` | a | b | c |\n"
      "| 2 | `no_action` | a | b |  |\n"
      "| 3 | unquoted | a | b | c |\n");
  EXPECT_EQ(codes_of(document), (Codes{{"whole", 1}}));
}

TEST(ErrorCode, HasANameOfItsOwnInOneStyle) {
  Codes seen;
  for (int code = 0; code <= kBeyondEveryCode; ++code) {
    const std::string text = name_of(code);
    if (text == "unlisted") continue;
    EXPECT_TRUE(seen.emplace(text, code).second) << text << " names " << code << " as well";
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << text;
    EXPECT_GE(code, 100) << text;
  }
  EXPECT_FALSE(seen.empty());
}

TEST(ErrorCode, OutsideTheListIsCalledUnlisted) {
  EXPECT_EQ(name_of(0), "unlisted");
  EXPECT_EQ(name_of(65535), "unlisted");
}

}  // namespace
}  // namespace passgate
