// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/config.h"

namespace passgate::runtime {

/// One value of the configuration files and where it stands. A date or time is
/// a monostate: nothing of ours has one.
struct Node {
  using Array = std::vector<Node>;
  using Table = std::map<std::string, Node, std::less<>>;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table> value;
  Origin where;

  const Table* table() const noexcept { return std::get_if<Table>(&value); }
  const Array* array() const noexcept { return std::get_if<Array>(&value); }
  /// A non-empty array that holds tables only: what `[[name]]` makes.
  bool is_array_of_tables() const noexcept;
  std::string_view type_name() const noexcept;  ///< "a string", for messages.
};

/// No configuration file may be larger, nor may there be more of them.
inline constexpr std::size_t kMaxConfigFile = std::size_t{1024} * 1024;
inline constexpr std::size_t kMaxConfigFiles = 256;

/// All files as one table.
struct TomlTree {
  Node root;  ///< Always a table.
  std::vector<ConfigProblem> problems;
};

/// Reads `file`, then `conf.d/*.toml` beside it in order of name, and merges
/// them: tables by key, later scalars win, arrays of tables append. A file that
/// cannot be read or parsed is a problem; the others still count.
TomlTree read_toml_tree(const std::filesystem::path& file);

}  // namespace passgate::runtime
