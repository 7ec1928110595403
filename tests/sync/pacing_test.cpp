// SPDX-License-Identifier: Apache-2.0
// Back-off, token bucket, Retry-After: how fast we may be.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "sync/backoff.h"
#include "sync/http/retry_after.h"
#include "sync/http/url.h"
#include "sync/steady_wall.h"
#include "sync/token_bucket.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using std::chrono::seconds;

TEST(DeliveryPause, SpansAboutADayInFifteenAttempts) {
  for (const double random : {0.0, 0.5, 0.999}) {
    Milliseconds total{0};
    unsigned attempts = 1;
    while (const auto pause = delivery_pause(seconds(10), attempts, random)) {
      total += *pause;
      ++attempts;
    }
    EXPECT_EQ(attempts, 15U);
    EXPECT_GT(total, std::chrono::hours(22));
    EXPECT_LT(total, std::chrono::hours(28));
  }
}

TEST(DeliveryPause, GrowsByNineTenthsFromTheBase) {
  EXPECT_EQ(delivery_pause(seconds(10), 1, 0.5), Milliseconds(10000));
  EXPECT_EQ(delivery_pause(seconds(10), 2, 0.5), Milliseconds(19000));
  EXPECT_EQ(delivery_pause(seconds(10), 3, 0.5), Milliseconds(36100));
}

RC_GTEST_PROP(FullJitter, StaysBetweenATenthOfTheCeilingAndTheCeiling, ()) {
  const auto attempt = *rc::gen::inRange(0U, 5000U);
  const auto random = *rc::gen::inRange(0, 1000) / 1000.0;
  const auto pause = full_jitter(seconds(1), seconds(300), attempt, random);
  const double ceiling = std::min(300e3, 1e3 * std::pow(2.0, attempt < 2 ? 0 : attempt - 1));
  RC_ASSERT(static_cast<double>(pause.count()) >= 0.1 * ceiling - 1);
  RC_ASSERT(static_cast<double>(pause.count()) <= ceiling + 1);
}

RC_GTEST_PROP(TokenBucket, NeverLetsMoreThroughThanRateAndBurst, ()) {
  const auto rate = *rc::gen::inRange(1, 50);
  const auto start = MonoTime(seconds(1000));
  TokenBucket bucket(rate, start);
  auto now = start;
  unsigned sent = 0;
  for (int i = 0; i < 200; ++i) {
    now += Milliseconds(*rc::gen::inRange(0, 100));
    if (bucket.next(now) > now) continue;
    bucket.spend(now);
    ++sent;
  }
  const double allowed = rate + rate * std::chrono::duration<double>(now - start).count();
  RC_ASSERT(sent <= allowed + 0.01);
}

RC_GTEST_PROP(TokenBucket, IsReadyAtTheTimeItNamed, ()) {
  const auto rate = *rc::gen::inRange(1, 4000) / 7.0;
  auto now = MonoTime(seconds(1000));
  TokenBucket bucket(rate, now);
  for (int i = 0; i < 50; ++i) {
    now = bucket.next(now);
    RC_ASSERT(bucket.next(now) == now);
    bucket.spend(now);
  }
}

TEST(TokenBucket, WaitsOutABlockAndKeepsTheLaterOfTwo) {
  const auto start = MonoTime(seconds(1000));
  TokenBucket bucket(100, start);
  bucket.block(start + seconds(30));
  bucket.block(start + seconds(10));
  EXPECT_EQ(bucket.next(start), start + seconds(30));
}

const WallTime kNow = from_rfc3339("1994-11-06T08:49:37Z").value();

TEST(HttpDate, IsReadInAllThreeFormsARecipientMustAccept) {
  EXPECT_EQ(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kNow);
  EXPECT_EQ(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kNow);
  EXPECT_EQ(http_date("Sun Nov  6 08:49:37 1994"), kNow);
  EXPECT_EQ(http_date("tomorrow"), std::nullopt);
  EXPECT_EQ(http_date(""), std::nullopt);
}

std::optional<Milliseconds> asked(std::string value, std::string date = "") {
  auto from = answer(429, "", {{"retry-after", std::move(value)}});
  if (!date.empty()) from.headers.emplace_back("date", std::move(date));
  return retry_after(from, kNow);
}

TEST(RetryAfter, IsObeyedAsSecondsAndAsADate) {
  EXPECT_EQ(asked("120"), seconds(120));
  EXPECT_EQ(asked("0"), seconds(0));
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:50:37 GMT"), seconds(60));
}

TEST(RetryAfter, CountsADateFromTheServersOwnClock) {
  EXPECT_EQ(asked("Sun, 06 Nov 1994 10:00:30 GMT", "Sun, 06 Nov 1994 10:00:00 GMT"), seconds(30));
}

TEST(RetryAfter, KeepsNobodySilentForLongerThanADayNorGoesBack) {
  EXPECT_EQ(asked("99999999999999999999999"), std::chrono::hours(24));
  EXPECT_EQ(asked("86401"), std::chrono::hours(24));
  EXPECT_EQ(asked("Fri, 06 Nov 2094 08:49:37 GMT"), std::chrono::hours(24));
  EXPECT_EQ(asked("Sat, 05 Nov 1994 08:49:37 GMT"), seconds(0));
}

TEST(RetryAfter, IsNothingWhenItMakesNoSense) {
  EXPECT_EQ(asked("soon"), std::nullopt);
  EXPECT_EQ(asked("-5"), std::nullopt);
  EXPECT_EQ(retry_after(answer(503), kNow), std::nullopt);
}

TEST(SteadyWall, DoesNotNoticeASteppedClock) {
  ManualClock clock;
  const SteadyWall times(clock);
  const auto before = times.at(clock.monotonic());
  clock.wall -= std::chrono::years(50);
  clock.mono += seconds(5);
  EXPECT_EQ(times.at(clock.monotonic()) - before, seconds(5));
  EXPECT_EQ(times.mono(times.at(clock.monotonic())), clock.monotonic());
}

TEST(PercentEncode, KeepsAPassIdInItsPlace) {
  EXPECT_EQ(percent_encode("838b8cf60dac2bfad9"), "838b8cf60dac2bfad9");
  EXPECT_EQ(percent_encode("../x?y#z"), "..%2Fx%3Fy%23z");
  EXPECT_EQ(percent_encode(".."), "%2E%2E");
  EXPECT_EQ(percent_encode("ä %"), "%C3%A4%20%25");
}

}  // namespace
}  // namespace passgate::sync::test
