// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <variant>

namespace passgate::sync::test {

/// The member of `step` that it must be; a test failure and an empty one if not.
template <class T, class Step>
T expect_is(const Step& step) {
  EXPECT_TRUE(std::holds_alternative<T>(step)) << "alternative " << step.index();
  return std::holds_alternative<T>(step) ? std::get<T>(step) : T{};
}

}  // namespace passgate::sync::test
