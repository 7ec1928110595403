// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/toml_tree.h"

namespace passgate::runtime {

/// One line of the effective configuration.
struct ShownLine {
  std::string key;              ///< Dotted below a sub-table.
  std::string value;            ///< As TOML.
  std::optional<Origin> where;  ///< Absent: a default.
};
struct ShownTable {
  std::string header;  ///< "[terminal]" or "[[pass]]".
  std::vector<ShownLine> lines;
};

/// What reading the whole tree yields besides the Config itself.
struct Reading {
  std::vector<ConfigProblem> problems;
  std::vector<ShownTable> shown;
};

/// Reads one table by its keys. Every getter notes that the key is known, what
/// the effective value is, and a problem when the value does not fit; it then
/// returns the default, so that reading goes on and finds the next problem.
class TableReader {
 public:
  /// `node`: a table (borrowed). `prefix`: "apple." for a sub-table's lines.
  TableReader(const Node& node, std::string prefix, Reading& reading);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  Origin where(std::string_view key) const;  ///< The key's, or the table's when absent.

  std::string text(std::string_view key, std::string_view fallback);
  std::optional<std::string> optional_text(std::string_view key);
  std::string required_text(std::string_view key);  ///< Absent or empty: a problem.
  /// One of a closed list.
  std::string choice(std::string_view key, std::initializer_list<std::string_view> values,
                     std::string_view fallback);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high,
                       std::int64_t fallback);
  std::int64_t required_integer(std::string_view key, std::int64_t low, std::int64_t high);
  /// An integer or a decimal number.
  std::optional<double> number(std::string_view key, double low, double high,
                               std::optional<double> fallback);
  bool flag(std::string_view key, bool fallback);
  std::vector<std::string> texts(std::string_view key, const std::vector<std::string>& fallback);
  std::map<std::string, std::string> text_map(std::string_view key);
  /// Made absolute against the folder of the file that names it.
  std::filesystem::path path(std::string_view key, const std::filesystem::path& fallback);
  /// @param why_not_remote  What "remote:" is told; empty: where it belongs.
  std::optional<SecretRef> secret(std::string_view key, std::string_view why_not_remote = "");
  /// @param why_not_remote  As above.
  std::vector<SecretRef> secrets(std::string_view key, std::string_view why_not_remote = "");
  /// NAME, where the array holds "remote:NAME" and nothing else. Otherwise
  /// nothing, and the key is still to be read.
  std::optional<std::string> only_remote(std::string_view key);
  /// The sub-table; nothing when absent or not a table.
  std::optional<TableReader> table(std::string_view key);
  /// Calls `read` with each table of an array; they are shown on the array's line.
  /// False when there is nothing: the key is absent or the array empty.
  bool tables(std::string_view key, const std::function<void(TableReader&)>& read);

  /// Shows a value that was not read by one of the getters above.
  void show(std::string_view key, std::string value);
  /// Refuses the key if it is there, and never suggests it.
  /// @param what  Follows the key's name: "is refused".
  void refuses(std::string_view key, std::string_view what, std::string hint);
  /// Refuses the key: a feature of the design that this version lacks.
  void lacks(std::string_view key, std::string_view feature);
  void problem(std::string_view key, std::string message, std::string hint = "");
  /// A problem that begins with the key's name, dotted.
  void problem_of(std::string_view key, std::string_view what, std::string hint = "");
  void knows(std::string_view key) { known_.emplace(key); }  ///< Read elsewhere.
  /// Reports every key that nobody asked for. Call last.
  void finish();

 private:
  const Node* find(std::string_view key) const;
  const Node* take(std::string_view key);  ///< find, and note that the key is known.
  void show(std::string_view key, std::string value, std::optional<Origin> where);
  void wrong_type(std::string_view key, const Node& node, std::string_view wanted);
  std::optional<SecretRef> secret_from(std::string_view key, const Node& node,
                                       std::string_view why_not_remote = "");

  const Node* node_;
  std::string prefix_;
  Reading* reading_;
  std::set<std::string, std::less<>> known_;
  std::set<std::string, std::less<>> refused_;  ///< Known too, but never suggested.
};

/// `path` as the file that names it means it.
std::filesystem::path resolve_path(const std::filesystem::path& path, const Origin& named_in);

/// What a key refused by `lacks` is told.
std::string lacking_hint(std::string_view feature);

}  // namespace passgate::runtime
