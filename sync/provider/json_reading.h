// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace passgate::sync {

/// Reading what a cloud sent, which may be anything. Nothing here throws.

inline constexpr std::size_t kMostRows = 10'000'000;  ///< Of one template.
/// The longest pass id a pattern may yield is 128 bytes: twice that is not one.
inline constexpr std::size_t kLongestId = 256;

/// What an answer has beside its passes or events, at most; bytes.
inline constexpr std::size_t kBytesBesideRows = std::size_t{64} * 1024;

/// Bytes of body that an answer with so many passes may have.
std::size_t answer_limit_for(std::size_t passes);

/// The member as text; null when it is absent or something else.
const std::string* text_in(const nlohmann::json& object, const char* name);
/// The member as a count of at most kMostRows.
std::optional<std::size_t> count_in(const nlohmann::json& object, const char* name);
/// Text as it is, integers and truth values as JSON writes them. Absent for the rest.
std::optional<std::string> word_of(const nlohmann::json& value);
/// Whether it is "".
bool is_empty_text(const nlohmann::json& value);
/// Whether arrays and objects nest deeper than `levels`: such a value must not
/// be copied or written, because that recurses.
bool deeper_than(const nlohmann::json& value, unsigned levels);
/// JSON text; what is not UTF-8 is replaced.
std::string json_text(const nlohmann::json& value);

/// A JSON pointer (RFC 6901) from the configuration.
class JsonPointer {
 public:
  /// "" is the whole document. Absent when `text` is no JSON pointer.
  static std::optional<JsonPointer> parse(std::string_view text);
  /// What it points at, borrowed from `document`; null when there is nothing.
  const nlohmann::json* in(const nlohmann::json& document) const;

 private:
  std::vector<std::string> steps_;
};

}  // namespace passgate::sync
