// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace passgate::hid {

/// One character of a text and how many bytes of UTF-8 it took.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

/// The first character of a non-empty text. Nothing when the text does not
/// start with well-formed UTF-8 (Unicode Standard, table 3-7).
std::optional<Character> first_character(std::string_view text) noexcept;

/// True for what leaves a mark, and for spaces. False for control and format
/// characters (C0, C1, bidirectional, zero-width, tags), line and paragraph
/// separators, private use, noncharacters, and U+FFFD, which stands for
/// something that was lost.
bool is_printable(char32_t c) noexcept;

/// Enter, tab and carriage return: the control characters that are keys.
bool is_typing_control(char32_t c) noexcept;

}  // namespace passgate::hid
