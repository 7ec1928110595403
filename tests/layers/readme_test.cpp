// SPDX-License-Identifier: Apache-2.0
// Every line of the README's tables, and every cell of the table of clouds, names
// what shows it, and that exists: the words behind `-R` and `-L` are looked up
// among the tests of this very build.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace passgate::layers {
namespace {

struct Row {
  std::string text;
  std::vector<std::string> names;    ///< After `-R`.
  std::vector<std::string> labels;   ///< After `-L`.
  std::vector<std::string> scripts;  ///< `script/…`
};

/// What a cell says that shows it.
Row row_in(const std::string& cell) {
  Row row{.text = cell, .names = {}, .labels = {}, .scripts = {}};
  std::istringstream words(cell);
  std::string before;
  for (std::string word; words >> word; before = word) {
    std::erase_if(word, [](char c) { return c == '`' || c == ',' || c == '|'; });
    if (before.ends_with("-R")) row.names.push_back(word);
    if (before.ends_with("-L")) row.labels.push_back(word);
    if (word.starts_with("script/")) row.scripts.push_back(word);
  }
  return row;
}

/// The last column, where it is one that says what shows the line.
Row row_of(const std::string& line) {
  Row row = row_in(line.substr(line.rfind('|', line.size() - 2) + 1));
  row.text = line;
  return row;
}

/// Every cell but the first of the table that has a column for each cloud.
std::vector<Row> cells_of(std::istream& document) {
  std::vector<Row> cells;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with('|')) {
      inside = false;
    } else if (line.contains("| PassNinja | Passmint | Passinstance | Passworks |")) {
      inside = true;
    } else if (inside && !line.starts_with("|--")) {
      std::istringstream parts(line.substr(line.find('|', 1) + 1));
      for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(row_in(cell));
    }
  }
  return cells;
}

/// The rows of every table headed "shown by".
std::vector<Row> rows_of(std::istream& document) {
  std::vector<Row> rows;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with('|')) {
      inside = false;
    } else if (line.contains("shown by")) {
      inside = true;
    } else if (inside && !line.starts_with("|--")) {
      rows.push_back(row_of(line));
    }
  }
  return rows;
}

/// The names of all tests, as `ctest -N` lists them, one a line.
std::string tests_of_this_build() {
  const std::string command = "ctest --test-dir '" PASSGATE_BUILD_DIR "' -N 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             ::pclose);
  std::string all;
  char part[4096];
  while (pipe && std::fgets(part, sizeof part, pipe.get()) != nullptr) all += part;
  return all;
}

/// What a line lacks; empty: nothing.
std::string fault(const Row& row, const std::string& tests) {
  if (row.names.empty() && row.labels.empty()) return "names no test: " + row.text;
  for (const std::string& name : row.names) {
    if (!tests.contains(name)) return "no test is called " + name + ": " + row.text;
  }
  for (const std::string& label : row.labels) {
    if (!tests.contains(": " + label + ".")) return "no test of " + label + ": " + row.text;
  }
  for (const std::string& script : row.scripts) {
    if (!std::filesystem::exists(PASSGATE_SOURCE_DIR "/" + script)) return "no " + script;
  }
  return "";
}

TEST(ReadmeTables, FindWhatIsNotThere) {
  const std::string tests = "  Test  #1: apdu.SmartTapOrder.Skips\n";
  EXPECT_EQ(fault(row_of("| a | b | `ctest -R SmartTapOrder` |"), tests), "");
  EXPECT_EQ(fault(row_of("| a | b | `ctest -L apdu -R SmartTapOrder` |"), tests), "");
  EXPECT_NE(fault(row_of("| a | b | `ctest -R SmartTapDisorder` |"), tests), "");
  EXPECT_NE(fault(row_of("| a | b | `ctest -R SmartTapOrder`, `-R Other` |"), tests), "");
  EXPECT_NE(fault(row_of("| a | b | `ctest -L crypto` |"), tests), "");
  EXPECT_NE(fault(row_of("| a | b | see below |"), tests), "");
}

TEST(ReadmeTables, NameForEachLineATestThatExists) {
  const std::string tests = tests_of_this_build();
  ASSERT_TRUE(tests.contains("layers.ReadmeTables.")) << tests.substr(0, 400);
  std::ifstream readme(PASSGATE_SOURCE_DIR "/README.md");
  const auto rows = rows_of(readme);
  EXPECT_GE(rows.size(), 30U);
  for (const Row& row : rows) EXPECT_EQ(fault(row, tests), "");
}

TEST(CloudsTable, NamesInEachCellATestThatExists) {
  const std::string tests = tests_of_this_build();
  std::ifstream document(PASSGATE_SOURCE_DIR "/docs/clouds.md");
  const auto cells = cells_of(document);
  EXPECT_GE(cells.size(), 40U) << "ten capabilities of four clouds";
  for (const Row& cell : cells) {
    EXPECT_FALSE(cell.names.empty()) << "names no test: " << cell.text;
    EXPECT_EQ(fault(cell, tests), "");
  }
}

}  // namespace
}  // namespace passgate::layers
