// SPDX-License-Identifier: Apache-2.0
#include "hid/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace passgate::hid {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// General categories Cc, Cf, Co, Zl and Zp and the default-ignorable code
/// points of the Unicode Character Database, with U+FFF0..U+FFFF as a whole.
/// Sorted.
constexpr std::array kUnprintable = {
    Range{0x0000, 0x001F},   Range{0x007F, 0x009F},   Range{0x00AD, 0x00AD},
    Range{0x034F, 0x034F},   Range{0x0600, 0x0605},   Range{0x061C, 0x061C},
    Range{0x06DD, 0x06DD},   Range{0x070F, 0x070F},   Range{0x0890, 0x0891},
    Range{0x08E2, 0x08E2},   Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5},
    Range{0x180B, 0x180F},   Range{0x200B, 0x200F},   Range{0x2028, 0x202E},
    Range{0x2060, 0x206F},   Range{0x3164, 0x3164},   Range{0xD800, 0xF8FF},
    Range{0xFDD0, 0xFDEF},   Range{0xFE00, 0xFE0F},   Range{0xFEFF, 0xFEFF},
    Range{0xFFA0, 0xFFA0},   Range{0xFFF0, 0xFFFF},   Range{0x110BD, 0x110BD},
    Range{0x110CD, 0x110CD}, Range{0x13430, 0x1343F}, Range{0x1BCA0, 0x1BCA3},
    Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE0FFF}, Range{0xF0000, 0x10FFFF},
};

constexpr bool is_sorted_and_disjoint() {
  for (std::size_t i = 1; i < kUnprintable.size(); ++i) {
    if (kUnprintable[i].first <= kUnprintable[i - 1].last) return false;
  }
  return true;
}
static_assert(is_sorted_and_disjoint());

/// What the lead byte promises: the length of the sequence, the bits it carries
/// and the smallest code point that needs that many bytes.
struct Lead {
  std::size_t length;
  char32_t bits;
  char32_t smallest;
};

constexpr std::optional<Lead> lead_of(std::uint8_t byte) noexcept {
  if (byte < 0x80) return Lead{1, byte, 0};
  if (byte >= 0xC0 && byte < 0xE0) return Lead{2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return Lead{3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF8) return Lead{4, byte & 0x07U, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<Character> first_character(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  const auto lead = lead_of(static_cast<std::uint8_t>(text[0]));
  if (!lead || text.size() < lead->length) return std::nullopt;
  char32_t code = lead->bits;
  for (std::size_t i = 1; i < lead->length; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    code = code << 6 | (byte & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < lead->smallest || code > 0x10FFFF || surrogate) return std::nullopt;
  return Character{code, lead->length};
}

bool is_printable(char32_t c) noexcept {
  if (c > 0x10FFFF || (c & 0xFFFE) == 0xFFFE) return false;  // noncharacters of every plane
  const auto* const after = std::ranges::upper_bound(kUnprintable, c, {}, &Range::first);
  return after == kUnprintable.begin() || c > std::prev(after)->last;
}

bool is_typing_control(char32_t c) noexcept {
  return c == U'\n' || c == U'\t' || c == U'\r';
}

}  // namespace passgate::hid
