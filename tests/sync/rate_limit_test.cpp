// SPDX-License-Identifier: Apache-2.0
#include "sync/http/rate_limit.h"

#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using std::chrono::seconds;
using Headers = std::vector<std::pair<std::string, std::string>>;

const WallTime kNow = from_rfc3339("2021-12-31T23:59:30Z").value();  // 1640995170

std::optional<RateLimit> told(Headers headers) {
  return rate_limit(answer(200, "", std::move(headers)), kNow);
}

TEST(RateLimit, IsReadFromTheHeadersPassinstanceAndPassworksDocument) {
  EXPECT_EQ(told({{"x-ratelimit-limit", "500"},
                  {"x-ratelimit-remaining", "487"},
                  {"x-ratelimit-reset", "1640995200"}}),
            (RateLimit{.remaining = 487, .limit = 500, .reset_in = seconds(30)}));
}

TEST(RateLimit, CountsAUnixResetFromTheServersClockNotFromOurs) {
  EXPECT_EQ(told({{"x-ratelimit-remaining", "0"},
                  {"x-ratelimit-reset", "1640995200"},
                  {"date", "Fri, 31 Dec 2021 23:59:55 GMT"}}),
            (RateLimit{.remaining = 0, .limit = {}, .reset_in = seconds(5)}));
}

TEST(RateLimit, IsReadFromBothGenerationsOfTheDraft) {
  EXPECT_EQ(told({{"ratelimit-policy", "\"default\";q=100;w=60"},
                  {"ratelimit", "\"default\";r=50;t=30"}}),
            (RateLimit{.remaining = 50, .limit = 100, .reset_in = seconds(30)}));
  EXPECT_EQ(
      told({{"ratelimit-limit", "10"}, {"ratelimit-remaining", "0"}, {"ratelimit-reset", "7"}}),
      (RateLimit{.remaining = 0, .limit = 10, .reset_in = seconds(7)}));
}

TEST(RateLimit, NeverKeepsUsBackForLongerThanAnHour) {
  const auto far = told({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "9999999999"}});
  ASSERT_TRUE(far);
  EXPECT_EQ(far->reset_in, std::chrono::hours(1));
  const auto past = told({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1500000000"}});
  ASSERT_TRUE(past);
  EXPECT_EQ(past->reset_in, seconds(0));
}

TEST(RateLimit, IsUnknownWhereTheHeadersMakeNoSense) {
  EXPECT_EQ(told({}), std::nullopt);
  EXPECT_EQ(told({{"x-ratelimit-remaining", "many"}, {"x-ratelimit-reset", "1640995200"}}),
            std::nullopt);
  EXPECT_EQ(told({{"ratelimit", "\"default\";r=;t=x"}}), std::nullopt);
  EXPECT_EQ(told({{"x-ratelimit-remaining", "5"}}), std::nullopt);
}

}  // namespace
}  // namespace passgate::sync::test
