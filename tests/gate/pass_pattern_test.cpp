// SPDX-License-Identifier: Apache-2.0
#include "gate/pass_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace passgate::gate {
namespace {

using testing::ElementsAre;
using testing::Pair;

PassPattern pattern(std::string_view text) {
  auto compiled = PassPattern::compile(text);
  EXPECT_TRUE(compiled) << text;
  return std::move(*compiled);
}

TEST(PassPattern, NamesWhatItFinds) {
  const auto compiled = pattern(R"((?P<season>\d{4})-(?P<pass_id>[0-9a-f]{18})(?P<rest>;.*)?)");
  EXPECT_THAT(compiled.group_names(), ElementsAre("pass_id", "rest", "season"));
  const auto fields = compiled.match(bytes_of("2026-838b8cf60dac2bfad9"));
  ASSERT_TRUE(fields);
  EXPECT_THAT(*fields, ElementsAre(Pair("pass_id", "838b8cf60dac2bfad9"), Pair("rest", ""),
                                   Pair("season", "2026")));
}

TEST(PassPattern, MatchesTheWholePayloadOrNotAtAll) {
  const auto compiled = pattern("(?P<pass_id>[0-9]{4})");
  EXPECT_TRUE(compiled.match(bytes_of("1234")));
  EXPECT_FALSE(compiled.match(bytes_of("12345")));
  EXPECT_FALSE(compiled.match(bytes_of("x1234")));
  EXPECT_FALSE(compiled.match(bytes_of("1234\n")));
  EXPECT_FALSE(pattern("^(?P<pass_id>[0-9]{4})$").match(bytes_of("1234\n")));
  EXPECT_FALSE(compiled.match(bytes_of(std::string_view("1234\0", 5))));
  EXPECT_FALSE(compiled.match({}));
}

TEST(PassPattern, TakesNoIdThatIsEmptyOrLongerThan128Bytes) {
  const auto compiled = pattern("(?P<pass_id>a*)b");
  EXPECT_FALSE(compiled.match(bytes_of("b")));
  EXPECT_TRUE(compiled.match(bytes_of(std::string(128, 'a') + 'b')));
  EXPECT_FALSE(compiled.match(bytes_of(std::string(129, 'a') + 'b')));
}

TEST(PassPattern, WithoutAPatternTheWholePayloadIsTheId) {
  const auto whole = PassPattern::whole_payload();
  EXPECT_THAT(whole.group_names(), ElementsAre("pass_id"));
  using namespace std::string_literals;
  for (const auto& payload : {"member 17"s, "a\nb"s, "Zoë"s, "a\0b"s}) {
    const auto fields = whole.match(bytes_of(payload));
    ASSERT_TRUE(fields) << payload;
    EXPECT_EQ(fields->at("pass_id"), payload);
  }
  EXPECT_FALSE(whole.match({}));
  EXPECT_FALSE(whole.match(bytes_of(std::string(129, 'x'))));
}

TEST(PassPattern, TakesOnlyUtf8SoThatAnIdCanStandInAnEvent) {
  const auto whole = PassPattern::whole_payload();
  EXPECT_FALSE(whole.match(bytes_of("\xFF")));
  EXPECT_FALSE(whole.match(bytes_of("id\xC3")));        // cut off
  EXPECT_FALSE(whole.match(bytes_of("\xC0\xAF")));      // overlong "/"
  EXPECT_FALSE(whole.match(bytes_of("\xED\xA0\x80")));  // surrogate
  EXPECT_FALSE(pattern(R"((?P<pass_id>\C+))").match(bytes_of("\xFF")));
  EXPECT_TRUE(whole.match(bytes_of("\xEF\xBF\xBD")));  // U+FFFD itself is text
}

TEST(PassPattern, RefusesAPatternThatCannotNameAPass) {
  for (const std::string_view bad :
       {"", "[0-9]+", "(?P<id>[0-9]+)", "(?P<pass_id>[0-9+)", "(?P<pass_id>a)(?P<pass_id>b)",
        R"((?P<pass_id>(a))\1)", "(?P<pass_id>a{1000}{1000})"}) {
    const auto compiled = PassPattern::compile(bad);
    ASSERT_FALSE(compiled) << bad;
    EXPECT_EQ(compiled.error().code(), Errc::bad_value);
  }
}

// A backtracking engine would need longer than the season for this one.
TEST(PassPattern, AnswersAHostilePayloadInLinearTime) {
  const auto compiled = pattern("(?P<pass_id>(a+)+)$");
  EXPECT_FALSE(compiled.match(bytes_of(std::string(60'000, 'a') + '!')));
}

}  // namespace
}  // namespace passgate::gate
