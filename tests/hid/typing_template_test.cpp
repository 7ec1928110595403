// SPDX-License-Identifier: Apache-2.0
#include "hid/typing_template.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "hid/key_plan.h"

namespace passgate::hid {
namespace {

std::string rendered(std::string_view text, const Fields& fields) {
  return TypingTemplate::parse(text).value().render(fields).value();
}

TEST(TypingTemplate, PutsFieldsBetweenLiteralText) {
  EXPECT_EQ(rendered("{pass_id}\n", {{"pass_id", "838b8cf6"}}), "838b8cf6\n");
  EXPECT_EQ(rendered("A{a}B{b}{a}", {{"a", "1"}, {"b", "2"}}), "A1B21");
}

TEST(TypingTemplate, WritesBracesThatAreDoubled) {
  EXPECT_EQ(rendered("{{{a}}}", {{"a", "1"}}), "{1}");
  EXPECT_EQ(rendered("{{a}}", {}), "{a}");
}

TEST(TypingTemplate, DoesNotExpandBracesOfAField) {
  EXPECT_EQ(rendered("{a}", {{"a", "{b}"}, {"b", "secret"}}), "{b}");
}

TEST(TypingTemplate, IsEmptyWhenNothingIsToBeTyped) {
  EXPECT_TRUE(TypingTemplate::parse("").value().empty());
  EXPECT_FALSE(TypingTemplate::parse("\n").value().empty());
  EXPECT_EQ(rendered("", {}), "");
}

TEST(TypingTemplate, ListsItsFieldsInOrder) {
  EXPECT_EQ(TypingTemplate::parse("{b}-{a}{b}").value().field_names(),
            (std::vector<std::string>{"b", "a", "b"}));
}

TEST(TypingTemplate, NamesTheOffsetOfAStrayBrace) {
  const std::pair<const char*, int> cases[] = {{"{", 0},    {"ab}", 2},  {"a{b", 1},   {"{}", 0},
                                               {"x{ }", 1}, {"{a}}", 3}, {"{a{b}}", 0}};
  for (const auto& [text, offset] : cases) {
    ASSERT_FALSE(TypingTemplate::parse(text)) << text;
    EXPECT_EQ(TypingTemplate::parse(text).error(), Error(Errc::bad_value, offset)) << text;
  }
}

TEST(TypingTemplate, TakesEnterAndTabButNoOtherControlCharacterFromTheOperator) {
  EXPECT_EQ(rendered("a\tb\r\n", {}), "a\tb\r\n");
  EXPECT_EQ(TypingTemplate::parse("ab\x1B").error(), Error(Errc::bad_value, 2));
  EXPECT_EQ(TypingTemplate::parse("ab\xFF").error(), Error(Errc::bad_value, 2));
}

TEST(TypingTemplate, ReportsAMissingField) {
  const auto parsed = TypingTemplate::parse("{a}{b}").value();
  EXPECT_EQ(parsed.render({{"a", "1"}}).error(), Error(Errc::bad_value, 1));
}

TEST(TypingTemplate, RefusesFieldsThatWouldPressKeysOrHideText) {
  const auto parsed = TypingTemplate::parse("ID {pass_id}\n").value();
  for (const std::string hostile :
       {"\x1B", "\r", "\n", "\t", "\x7F", "a\x08", "\xC2\x85", "\xE2\x80\xAE", "\xE2\x80\x8B",
        "\xEF\xBF\xBD", "\xFF", "a\xC3", "\xED\xA0\x80", "ok\n", "\xE2\x80\xA8"}) {
    const auto text = parsed.render({{"pass_id", hostile}});
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error(), Error(Errc::untypable, 1));
  }
  const std::string nul("a\0b", 3);
  EXPECT_EQ(parsed.render({{"pass_id", nul}}).error().code(), Errc::untypable);
}

TEST(TypingTemplate, LetsAFieldContributeOnlyPrintableCharacters) {
  const auto parsed = TypingTemplate::parse("<{a}>\n").value();
  EXPECT_TRUE(rc::check([&] {
    const auto field = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto text = parsed.render({{"a", field}});
    if (!text) return;
    RC_ASSERT(*text == "<" + field + ">\n");
    for (const char c : field) RC_ASSERT(c != 0x7F && (c < 0 || c >= 0x20));
  }));
}

TEST(TypingTemplate, LeavesItToTheLayoutWhichLettersHaveAKey) {
  const auto text = rendered("{name}", {{"name", "Süß"}});
  EXPECT_TRUE(plan_keys(text, Layout::compile("de").value()));
  EXPECT_EQ(plan_keys(text, Layout::compile("us").value()).error(), Error(Errc::untypable, 1));
}

}  // namespace
}  // namespace passgate::hid
