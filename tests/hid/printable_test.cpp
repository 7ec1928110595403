// SPDX-License-Identifier: Apache-2.0
#include "hid/printable.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/bytes.h"

namespace passgate::hid {
namespace {

TEST(Printable, TakesAllOfPrintableAsciiAndNoControl) {
  for (char32_t c = 0; c < 0xA0; ++c) {
    EXPECT_EQ(is_printable(c), c >= 0x20 && c < 0x7F) << static_cast<std::uint32_t>(c);
  }
}

TEST(Printable, TakesLettersBeyondAscii) {
  for (const char32_t c : {U'é', U'ß', U'€', U'я', U'字', U'\U00020000'}) {
    EXPECT_TRUE(is_printable(c)) << static_cast<std::uint32_t>(c);
  }
}

TEST(Printable, RefusesWhatCannotBeSeenOrTurnsTextAround) {
  for (const std::uint32_t c :
       {0x00ADU, 0x061CU, 0x200BU, 0x200DU, 0x200EU, 0x200FU, 0x2028U, 0x2029U, 0x202AU, 0x202EU,
        0x2066U, 0x2069U, 0xFEFFU, 0xFE0FU, 0xFFF9U, 0xE0001U, 0xE0041U, 0xE0100U}) {
    EXPECT_FALSE(is_printable(c)) << c;
  }
}

TEST(Printable, RefusesWhatIsNoCharacter) {
  for (const std::uint32_t c : {0xD800U, 0xDFFFU, 0xE000U, 0xFDD0U, 0xFFFDU, 0xFFFEU, 0x1FFFFU,
                                0xF0000U, 0x10FFFDU, 0x10FFFFU, 0x110000U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(is_printable(c)) << c;
  }
}

TEST(FirstCharacter, ReadsOneToFourBytes) {
  EXPECT_EQ(first_character("a")->code, U'a');
  EXPECT_EQ(first_character("é!")->bytes, 2U);
  EXPECT_EQ(first_character("€!")->code, U'€');
  EXPECT_EQ(first_character("\xF0\x9F\x8E\xAB")->code, U'\U0001F3AB');
}

TEST(FirstCharacter, RefusesOverlongTruncatedAndSurrogateForms) {
  for (const auto* wrong :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(first_character(wrong)) << to_hex(bytes_of(wrong));
  }
  EXPECT_FALSE(first_character(""));
}

/// core has a decoder of its own for JSON; two that disagree would let a text
/// look different on the screen and on the keyboard.
TEST(FirstCharacter, AgreesWithTheVocabularyOnWhatIsValidUtf8) {
  EXPECT_TRUE(rc::check([] {
    const auto bytes = *rc::gen::container<Bytes>(
        rc::gen::elementOf(Bytes{'a', 0x80, 0xA0, 0xBF, 0xC2, 0xC3, 0xE0, 0xED, 0xEF, 0xF0, 0xF4}));
    std::string_view rest = text_of(bytes);
    bool valid = true;
    while (valid && !rest.empty()) {
      const auto character = first_character(rest);
      valid = character.has_value();
      if (valid) rest.remove_prefix(character->bytes);
    }
    RC_ASSERT(valid == (to_valid_utf8(bytes) == text_of(bytes)));
  }));
}

}  // namespace
}  // namespace passgate::hid
