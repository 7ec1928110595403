// SPDX-License-Identifier: Apache-2.0
#include "runtime/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace passgate::runtime {
namespace {

std::string arrays(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonText, IsReadAsDeepAsIsBearable) {
  EXPECT_EQ(parse_json(arrays(kDeepestJson)).dump(), arrays(kDeepestJson));
  for (const std::size_t depth : {kDeepestJson + 1, std::size_t{5'000}, std::size_t{500'000}}) {
    EXPECT_TRUE(parse_json(arrays(depth)).is_discarded()) << depth;
  }
  EXPECT_TRUE(parse_json(arrays(3), 2).is_discarded());
  EXPECT_FALSE(parse_json(arrays(2), 2).is_discarded());
}

TEST(JsonText, CountsNoBracketThatIsText) {
  const std::string text = R"(["\"[[[{{{",")" + std::string(100, '[') + R"(\\",[1],{"}":2}])";
  EXPECT_FALSE(parse_json(text, 2).is_discarded());
}

TEST(JsonText, IsDiscardedWhenItIsNoJson) {
  for (const auto* text : {"", "{", "]", "]]]]{", "\"[", "\"\\", "{\"a\":1}x"}) {
    EXPECT_TRUE(parse_json(text).is_discarded()) << text;
  }
}

std::size_t depth_of(const nlohmann::json& value) {
  std::size_t deepest = 0;
  if (!value.is_structured()) return 0;
  for (const auto& inner : value) deepest = std::max(deepest, depth_of(inner));
  return deepest + 1;
}

RC_GTEST_PROP(JsonTextProperty, WhateverItIsItNestsNoDeeperThanItMay, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("[]{}\",:1\\")));
  const auto value = parse_json(text, 3);
  RC_ASSERT(value.is_discarded() || depth_of(value) <= 3U);
}

}  // namespace
}  // namespace passgate::runtime
