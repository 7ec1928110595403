// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/secret.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;

WallTime some_time() {
  return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20)) + 19h + 4min + 11s +
         482ms;
}

TEST(Rfc3339, PrintsAndReadsBack) {
  EXPECT_EQ(to_rfc3339_ms(some_time()), "2026-11-20T19:04:11.482Z");
  EXPECT_EQ(to_rfc3339(some_time()), "2026-11-20T19:04:11Z");
  EXPECT_EQ(from_rfc3339("2026-11-20T19:04:11.482Z").value(), some_time());
  EXPECT_EQ(from_rfc3339("2026-11-20T20:04:11.482+01:00").value(), some_time());
  EXPECT_EQ(from_rfc3339("2026-11-20T17:34:11.48277-01:30").value(), some_time());
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const auto* wrong : {"", "2026-11-20", "2026-13-20T19:04:11Z", "2026-02-30T19:04:11Z",
                            "2026-11-20T24:04:11Z", "2026-11-20T19:04:11", "2026-11-20T19:04:11.Z",
                            "2026-11-20T19:04:11Zx", "-026-11-20T19:04:11Z"}) {
    EXPECT_FALSE(from_rfc3339(wrong)) << wrong;
  }
}

TEST(Rfc3339, ReadsNothingThatItCouldNotReadAgain) {
  for (const auto* edge :
       {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00-23:59", "9999-12-31T23:59:59.999Z",
        "9999-12-31T23:58:60.999Z", "9999-12-31T23:59:60+00:01", "2016-12-31T23:59:60Z"}) {
    const auto read = from_rfc3339(edge);
    ASSERT_TRUE(read) << edge;
    EXPECT_EQ(from_rfc3339(to_rfc3339_ms(*read)).value_or(WallTime{}), *read) << edge;
  }
  for (const auto* beyond :
       {"9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "9999-12-31T23:00:00-23:59",
        "0000-01-01T00:00:00+00:01", "0000-01-01T00:00:00+23:59"}) {
    EXPECT_FALSE(from_rfc3339(beyond)) << beyond;
  }
}

TEST(TapId, IsAUuidOfVersionSevenThatSortsByTime) {
  const std::array<std::uint8_t, 10> ones = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  const std::array<std::uint8_t, 10> zeros = {};
  const auto earlier = TapId::make(some_time(), ones);
  const auto later = TapId::make(some_time() + 1ms, zeros);
  EXPECT_LT(earlier, later);
  EXPECT_EQ(earlier.text()[14], '7');
  EXPECT_EQ(earlier.text()[19], 'b');
  EXPECT_EQ(TapId::parse(earlier.text()).value(), earlier);
}

TEST(TapId, RefusesOtherShapes) {
  EXPECT_FALSE(TapId::parse("019a9c3e7b1f7a529b0e2f6f1c0d4e11"));
  EXPECT_FALSE(TapId::parse("019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e1g"));
}

TEST(Secret, IsWipedWhenMovedFrom) {
  Secret<4> a;
  a.writable()[0] = 7;
  Secret<4> b = std::move(a);
  EXPECT_EQ(b.expose()[0], 7);
  EXPECT_EQ(a.expose()[0], 0);  // NOLINT(bugprone-use-after-move): that it is empty is the point
}

TEST(Secret, TakesBytesAndLeavesNoCopy) {
  Bytes source = {1, 2, 3};
  SecretBytes secret = SecretBytes::take(source);
  EXPECT_EQ(source, (Bytes{0, 0, 0}));
  secret.shrink(2);
  EXPECT_EQ(to_hex(secret.expose()), "0102");
}

TEST(ConstantTime, ComparesLikeEquality) {
  EXPECT_TRUE(equal_in_constant_time(bytes_of("abc"), bytes_of("abc")));
  EXPECT_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("abd")));
  EXPECT_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("ab")));
}

}  // namespace
}  // namespace passgate
