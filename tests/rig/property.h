// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

namespace passgate {

/// Fewer cases than this are no property.
inline constexpr int kPropertyCases = 10'000;

/// Asserts that `body` holds for kPropertyCases cases, or more where RC_PARAMS
/// says more; never fewer, whatever the environment says. The seed is RC_PARAMS',
/// so that a failure can be had again.
template <class Body>
void check_property(const std::string& name, Body&& body) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, kPropertyCases);
  rc::detail::TestMetadata metadata;
  metadata.id = name;
  metadata.description = name;
  const auto result = rc::detail::checkTestable(std::forward<Body>(body), metadata, params);
  std::ostringstream report;
  rc::detail::printResultMessage(result, report);
  rc::detail::SuccessResult success;
  const bool held = result.match(success);
  EXPECT_TRUE(held) << name << '\n' << report.str();
  EXPECT_TRUE(!held || success.numSuccess >= kPropertyCases) << name;
}

}  // namespace passgate
