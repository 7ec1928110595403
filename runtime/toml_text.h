// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace passgate::runtime {

/// `text` as a TOML basic string, quotes included, on one line.
std::string toml_string(std::string_view text);
/// `key` bare where TOML allows it, else quoted.
std::string toml_key(std::string_view key);
/// An array of strings on one line.
std::string toml_array(const std::vector<std::string>& texts);

/// Edits (insert, delete, replace one character) between two short words.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace passgate::runtime
