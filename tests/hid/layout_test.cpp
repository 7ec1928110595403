// SPDX-License-Identifier: Apache-2.0
#include "hid/layout.h"

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <algorithm>
#include <vector>

namespace passgate::hid {
namespace {

std::vector<Stroke> strokes(const char* layout, char32_t c) {
  const auto compiled = Layout::compile(layout);
  if (!compiled) return {};
  const auto found = compiled->strokes(c);
  return {found.begin(), found.end()};
}

using Strokes = std::vector<Stroke>;
constexpr Modifiers kShift{.shift = true};
constexpr Modifiers kAltGr{.level3 = true};

TEST(Layout, FindsLettersWhereTheLayoutPutsThem) {
  EXPECT_EQ(strokes("us", U'y'), (Strokes{{KEY_Y, {}}}));
  EXPECT_EQ(strokes("de", U'y'), (Strokes{{KEY_Z, {}}}));
  EXPECT_EQ(strokes("fr", U'a'), (Strokes{{KEY_Q, {}}}));
  EXPECT_EQ(strokes("us", U'A'), (Strokes{{KEY_A, kShift}}));
}

TEST(Layout, NeedsShiftForDigitsOnAFrenchKeyboard) {
  EXPECT_EQ(strokes("fr", U'1'), (Strokes{{KEY_1, kShift}}));
  EXPECT_EQ(strokes("us", U'1'), (Strokes{{KEY_1, {}}}));
}

TEST(Layout, ReachesTheThirdLevelWithAltGr) {
  EXPECT_EQ(strokes("de", U'@'), (Strokes{{KEY_Q, kAltGr}}));
  EXPECT_EQ(strokes("de", U'€'), (Strokes{{KEY_E, kAltGr}}));
  EXPECT_EQ(Layout::compile("de")->level3_code(), KEY_RIGHTALT);
  EXPECT_EQ(Layout::compile("us")->level3_code(), 0);
}

TEST(Layout, FollowsADeadKeyWithTheSpaceBarOnlyWhereNothingElseGivesTheCharacter) {
  EXPECT_EQ(strokes("de", U'^'), (Strokes{{KEY_GRAVE, {}}, {KEY_SPACE, {}}}));
  EXPECT_EQ(strokes("de", U'`'), (Strokes{{KEY_EQUAL, kShift}, {KEY_SPACE, {}}}));
  EXPECT_EQ(strokes("de(nodeadkeys)", U'^'), (Strokes{{KEY_GRAVE, {}}}));
}

TEST(Layout, DoesNotComposeAccentsThatToolkitsDisagreeOn) {
  EXPECT_EQ(strokes("de", U'´'), Strokes{});
  EXPECT_EQ(strokes("us(intl)", U'¨'), Strokes{});
}

TEST(Layout, TakesTheKeyThatHasTheCharacterPrintedOnIt) {
  // XKB has these on other keys as well, left over from the layout it builds on.
  EXPECT_EQ(strokes("it", U'@'), (Strokes{{KEY_SEMICOLON, kAltGr}}));
  EXPECT_EQ(strokes("it", U'['), (Strokes{{KEY_LEFTBRACE, kAltGr}}));
  EXPECT_EQ(strokes("it", U'}'), (Strokes{{KEY_RIGHTBRACE, {.shift = true, .level3 = true}}}));
  EXPECT_EQ(strokes("es", U'@'), (Strokes{{KEY_2, kAltGr}}));
  EXPECT_EQ(strokes("es", U'{'), (Strokes{{KEY_APOSTROPHE, kAltGr}}));
  EXPECT_EQ(strokes("es", U'\\'), (Strokes{{KEY_GRAVE, kAltGr}}));
  EXPECT_EQ(strokes("fr", U'@'), (Strokes{{KEY_0, kAltGr}}));
  EXPECT_EQ(strokes("gb", U'@'), (Strokes{{KEY_APOSTROPHE, kShift}}));
}

TEST(Layout, LeavesTheKeyBesideShiftWhereAnotherHasTheCharacter) {
  EXPECT_EQ(strokes("us", U'<'), (Strokes{{KEY_COMMA, kShift}}));
  EXPECT_EQ(strokes("us", U'>'), (Strokes{{KEY_DOT, kShift}}));
  EXPECT_EQ(strokes("de", U'<'), (Strokes{{KEY_102ND, {}}}));
  EXPECT_EQ(strokes("fr", U'>'), (Strokes{{KEY_102ND, kShift}}));
  EXPECT_EQ(strokes("gb", U'|'), (Strokes{{KEY_102ND, kShift}}));
}

TEST(Layout, HasNoWayToCharactersOfOtherScripts) {
  EXPECT_EQ(strokes("us", U'é'), Strokes{});
  EXPECT_EQ(strokes("us", U'€'), Strokes{});
  EXPECT_EQ(strokes("de", U'я'), Strokes{});
  EXPECT_EQ(strokes("ru", U'я'), (Strokes{{KEY_Z, {}}}));
}

TEST(Layout, KnowsEnterAndTabAndNoOtherControlCharacter) {
  for (char32_t c = 0; c < 0xA0; ++c) {
    if (c == 0x20) c = 0x7F;
    const auto found = strokes("de", c);
    if (c == U'\n' || c == U'\r') {
      EXPECT_EQ(found, (Strokes{{KEY_ENTER, {}}}));
    } else if (c == U'\t') {
      EXPECT_EQ(found, (Strokes{{KEY_TAB, {}}}));
    } else {
      EXPECT_EQ(found, Strokes{}) << static_cast<std::uint32_t>(c);
    }
  }
}

TEST(Layout, UsesNoKeypadKeySinceNumLockWouldChangeIt) {
  for (const auto* name : {"us", "de", "fr", "es", "it", "gb"}) {
    const auto codes = Layout::compile(name)->codes();
    EXPECT_TRUE(std::ranges::is_sorted(codes));
    for (const std::uint16_t code : codes) {
      EXPECT_FALSE(code >= KEY_KP7 && code <= KEY_KPDOT) << name << " " << code;
      EXPECT_NE(code, KEY_KPASTERISK) << name;
      EXPECT_NE(code, KEY_NUMLOCK) << name;
    }
  }
}

TEST(Layout, RefusesLayoutsThatDoNotExist) {
  for (const auto* name : {"", "xx", "de(noSuchVariant)", "de(", "de()", "()", "de(nodeadkeys)x"}) {
    ASSERT_FALSE(Layout::compile(name)) << name;
    EXPECT_EQ(Layout::compile(name).error().code(), Errc::bad_value) << name;
  }
}

TEST(Layout, RefusesNamesThatMeanSeveralLayoutsOrFilesToXkb) {
  for (const auto* name : {"us,de", "us+de", "us:2", "../us", "us de", "%l"}) {
    EXPECT_FALSE(Layout::compile(name)) << name;
  }
}

}  // namespace
}  // namespace passgate::hid
