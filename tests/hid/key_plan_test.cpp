// SPDX-License-Identifier: Apache-2.0
#include "hid/key_plan.h"

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "hid/pacing.h"
#include "hid/printable.h"
#include "tests/hid/host.h"
#include "tests/hid/layouts.h"

namespace passgate::hid {
namespace {

std::vector<KeyEvent> events_of(const char* layout, std::string_view text) {
  const auto beats = plan_keys(text, Layout::compile(layout).value()).value();
  std::vector<KeyEvent> events;
  for (const KeyBeat& beat : beats) {
    events.insert(events.end(), beat.events.begin(), beat.events.end());
  }
  return events;
}

class EveryLayout : public testing::TestWithParam<NamedLayout> {
 protected:
  Layout layout = Layout::compile(GetParam().name).value();
  Host host{GetParam().layout, GetParam().variant};
};

INSTANTIATE_TEST_SUITE_P(KeyPlan, EveryLayout, testing::ValuesIn(kLayouts), [](const auto& layout) {
  std::string name = layout.param.layout;
  return name + layout.param.variant;
});

TEST_P(EveryLayout, TypesAllPrintableAsciiExactly) {
  const auto beats = plan_keys(printable_ascii(), layout);
  ASSERT_TRUE(beats) << "no key for character " << beats.error().detail();
  EXPECT_EQ(host.receive(*beats), printable_ascii());
  EXPECT_TRUE(host.all_keys_up());
}

TEST_P(EveryLayout, TypesEveryCharacterItClaimsToHave) {
  std::size_t claimed = 0;
  for (char32_t c = 0x20; c < 0x3000; ++c) {
    if (layout.strokes(c).empty()) continue;
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    }
    EXPECT_EQ(host.receive(plan_keys(text, layout).value()), text);
    EXPECT_TRUE(is_printable(c)) << static_cast<std::uint32_t>(c);
    ++claimed;
  }
  EXPECT_GE(claimed, 95U);
}

TEST_P(EveryLayout, TypesAnyTextExactlyAndLeavesNoKeyDown) {
  const std::string alphabet = printable_ascii() + "\n\t";
  EXPECT_TRUE(rc::check([&] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
    const auto beats = plan_keys(text, layout);
    RC_ASSERT(beats.has_value());
    RC_ASSERT(host.receive(*beats) == text);
    RC_ASSERT(host.all_keys_up());
  }));
}

TEST_P(EveryLayout, TypesAllOrNothingOfAnyBytes) {
  EXPECT_TRUE(rc::check([&] {
    const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto beats = plan_keys(text, layout);
    if (!beats) {
      RC_ASSERT(beats.error().code() == Errc::untypable);
      RC_ASSERT(static_cast<std::size_t>(beats.error().detail()) < text.size());
      return;
    }
    for (const KeyBeat& beat : *beats) RC_ASSERT(beat.events.size() <= kLargestBeat);
    static_cast<void>(host.receive(*beats));
    RC_ASSERT(host.all_keys_up());
  }));
}

TEST(KeyPlan, HoldsAModifierOverNeighboursAndNoLonger) {
  EXPECT_EQ(events_of("us", "aBCd"), (std::vector<KeyEvent>{{KEY_A, true},
                                                            {KEY_A, false},
                                                            {KEY_LEFTSHIFT, true},
                                                            {KEY_B, true},
                                                            {KEY_B, false},
                                                            {KEY_C, true},
                                                            {KEY_C, false},
                                                            {KEY_LEFTSHIFT, false},
                                                            {KEY_D, true},
                                                            {KEY_D, false}}));
}

TEST(KeyPlan, ReleasesTheModifierAfterTheLastKey) {
  EXPECT_EQ(events_of("de", "@"),
            (std::vector<KeyEvent>{
                {KEY_RIGHTALT, true}, {KEY_Q, true}, {KEY_Q, false}, {KEY_RIGHTALT, false}}));
}

TEST(KeyPlan, PressesEnterOnceForCarriageReturnAndLineFeed) {
  const std::vector<KeyEvent> once = {{KEY_ENTER, true}, {KEY_ENTER, false}};
  EXPECT_EQ(events_of("us", "\n"), once);
  EXPECT_EQ(events_of("us", "\r"), once);
  EXPECT_EQ(events_of("us", "\r\n"), once);
  EXPECT_EQ(events_of("us", "\n\r").size(), 4U);
}

TEST(KeyPlan, PlansNothingForNoText) {
  EXPECT_TRUE(events_of("us", "").empty());
}

TEST(KeyPlan, NamesTheOffsetOfTheFirstCharacterWithoutAKey) {
  const Layout us = Layout::compile("us").value();
  EXPECT_EQ(plan_keys("caf\xC3\xA9 \xE2\x82\xAC", us).error(), Error(Errc::untypable, 3));
  EXPECT_EQ(plan_keys("ab\x1B", us).error(), Error(Errc::untypable, 2));
  EXPECT_EQ(plan_keys("ab\xE2\x80\xAE", us).error(), Error(Errc::untypable, 2));  // U+202E
  EXPECT_EQ(plan_keys("ab\x7F", us).error(), Error(Errc::untypable, 2));
  EXPECT_EQ(plan_keys("a\xFF", us).error(), Error(Errc::untypable, 1));
  EXPECT_EQ(plan_keys(std::string_view("a\0b", 3), us).error(), Error(Errc::untypable, 1));
}

TEST(KeyPlan, RefusesTextsThatWouldTypeForMinutes) {
  const Layout us = Layout::compile("us").value();
  EXPECT_TRUE(plan_keys(std::string(kLongestText, 'a'), us));
  EXPECT_EQ(plan_keys(std::string(kLongestText + 1, 'a'), us).error(),
            Error(Errc::untypable, kLongestText));
}

}  // namespace
}  // namespace passgate::hid
