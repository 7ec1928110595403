// SPDX-License-Identifier: Apache-2.0
#include "apdu/outcome_text.h"

#include <gtest/gtest.h>

namespace passgate::apdu {
namespace {

TEST(OutcomeText, ShowsAStatusWordInHexAndOtherDetailsInDecimal) {
  const auto text = [](Errc code, int detail) {
    return outcome_text(Result<Outcome>(fail(code, detail)));
  };
  EXPECT_EQ(text(Errc::unexpected_status, 0x6A80), "error unexpected_status 6a80");
  EXPECT_EQ(text(Errc::too_many_requests, 0x9406), "error too_many_requests 9406");
  EXPECT_EQ(text(Errc::unknown_collector, 0x9500), "error unknown_collector 9500");
  EXPECT_EQ(text(Errc::unknown_collector, 5), "error unknown_collector 5");
  EXPECT_EQ(text(Errc::bad_version, 0x9502), "error bad_version 9502");
  EXPECT_EQ(text(Errc::bad_version, 512), "error bad_version 512");
  EXPECT_EQ(text(Errc::wrong_session, 4), "error wrong_session 4");
  EXPECT_EQ(text(Errc::too_large, 0), "error too_large");
}

}  // namespace
}  // namespace passgate::apdu
