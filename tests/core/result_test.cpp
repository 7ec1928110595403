// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

#include <gtest/gtest.h>

#include <source_location>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/ids.h"
#include "core/require.h"
#include "core/secret.h"

namespace passgate {
namespace {

Status fails() {
  return fail(Errc::bad_length, 7);
}

TEST(Error, RemembersCodeDetailAndPlace) {
  const auto above = std::source_location::current();
  const Error error = fail(Errc::bad_length, 7).error();
  EXPECT_EQ(error.code(), Errc::bad_length);
  EXPECT_EQ(error.detail(), 7);
  EXPECT_EQ(error.file(), above.file_name());
  EXPECT_EQ(error.line(), static_cast<int>(above.line()) + 1);
}

TEST(Error, IsEqualByCodeAndDetailWhereverItHappened) {
  EXPECT_EQ(fails().error(), Error(Errc::bad_length, 7));
  EXPECT_NE(fails().error(), Error(Errc::bad_length, 8));
  EXPECT_NE(fails().error(), Error(Errc::bad_value, 7));
}

TEST(Require, StopsTheProcessAndSaysWhichConditionFailed) {
  const int two = 2;
  PG_REQUIRE(two == 2);
  EXPECT_DEATH(PG_REQUIRE(two == 3), "result_test.cpp:[0-9]+: required: two == 3");
}

TEST(SecretBytes, RefusesToGrow) {
  SecretBytes secret(2);
  EXPECT_DEATH(secret.shrink(3), "required: size <= size_");
}

TEST(SecretBytes, IsEmptyAfterItMovedAway) {
  SecretBytes a(3);
  a.writable()[2] = 9;
  SecretBytes b;
  EXPECT_TRUE(b.empty());
  b = std::move(a);
  EXPECT_EQ(to_hex(b.expose()), "000009");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
}

TEST(SecretBytes, WipesTheTailItGivesUp) {
  SecretBytes secret(2);
  const auto whole = secret.writable();
  whole[0] = 1;
  whole[1] = 2;
  secret.shrink(1);
  EXPECT_EQ(whole[1], 0);
  EXPECT_EQ(to_hex(secret.expose()), "01");
}

TEST(Wipe, ClearsBytesAndAcceptsNone) {
  Bytes bytes = {1, 2, 3};
  wipe(bytes);
  wipe({});
  EXPECT_EQ(bytes, (Bytes{0, 0, 0}));
}

TEST(BigEndian, RoundTrips) {
  Bytes bytes;
  append_be16(bytes, 0xBEEF);
  append_be32(bytes, 0xDEADC0DE);
  append(bytes, Bytes{0x01});
  EXPECT_EQ(to_hex(bytes), "beefdeadc0de01");
  EXPECT_EQ(be16(bytes), 0xBEEF);
  EXPECT_EQ(be32(ByteView(bytes).subspan(2)), 0xDEADC0DE);
}

TEST(ClockState, HasTheNamesThatEventsCarry) {
  EXPECT_EQ(name(ClockState::synchronised), "synchronised");
  EXPECT_EQ(name(ClockState::holdover), "holdover");
  EXPECT_EQ(name(ClockState::unset), "unset");
}

TEST(Tagged, ComparesByValueAndKeepsMeaningsApart) {
  EXPECT_EQ(PassTypeId("pass.a"), PassTypeId("pass.a"));
  EXPECT_LT(PassTypeId("pass.a"), PassTypeId("pass.b"));
  static_assert(!std::is_convertible_v<std::string, PassTypeId>);
  static_assert(!std::is_convertible_v<PassTypeId, MerchantHash>);
}

TEST(TapId, ReadsUpperCaseAndRefusesDisplacedDashes) {
  EXPECT_EQ(TapId::parse("019A9C3E-7B1F-7A52-9B0E-2F6F1C0D4E11")->text(),
            "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11");
  EXPECT_FALSE(TapId::parse("019a9c3e7-b1f-7a52-9b0e-2f6f1c0d4e11"));
  EXPECT_FALSE(TapId::parse("019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e111"));
  EXPECT_FALSE(TapId::parse(""));
}

TEST(Guarded, LetsOneThreadInAtATime) {
  Guarded<int> counter(0);
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&counter] {
        for (int k = 0; k < 1000; ++k) counter.with([](int& value) { ++value; });
      });
    }
  }
  EXPECT_EQ(std::as_const(counter).with([](const int& value) { return value; }), 4000);
}

}  // namespace
}  // namespace passgate
