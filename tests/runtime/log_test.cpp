// SPDX-License-Identifier: Apache-2.0
#include "runtime/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

namespace passgate::runtime {
namespace {

std::string logged(const std::function<void()>& work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

const Log kUnderSystemd(true, Level::info);

TEST(Log, WritesThePriorityUnderSystemd) {
  EXPECT_EQ(logged([] { kUnderSystemd(Level::warning, "reader gone", {{"reader", "north-1"}}); }),
            "<4>reader gone reader=north-1\n");
}

TEST(Log, WritesTimeAndLevelOnATerminal) {
  const Log log(false, Level::info);
  EXPECT_THAT(logged([&] { log(Level::notice, "ready"); }),
              testing::MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z notice ready\n"));
}

TEST(Log, LeavesOutWhatIsMoreVerboseThanWanted) {
  EXPECT_EQ(logged([] { kUnderSystemd(Level::debug, "quiet"); }), "");
}

TEST(Log, NamesAnErrorItsDetailAndItsPlace) {
  EXPECT_THAT(logged([] {
                kUnderSystemd(Level::error, "no key", Error(Errc::secret_too_open, 420),
                              {{"pass", "ticket"}});
              }),
              testing::MatchesRegex("<3>no key error=secret_too_open detail=420 "
                                    "at=.*log_test.cpp:[0-9]+ pass=ticket\n"));
}

TEST(Log, QuotesValuesThatAreNotOneWord) {
  EXPECT_EQ(logged([] {
              kUnderSystemd(Level::info, "x",
                            {{"a", "two words"}, {"b", ""}, {"c", R"(q"\)"}, {"d", "k=v"}});
            }),
            "<6>x a=\"two words\" b=\"\" c=\"q\\\"\\\\\" d=\"k=v\"\n");
}

TEST(Log, StaysOneLineWhateverAPeerSends) {
  const std::string hostile = "a\n<0>fake\r\x1B[31m\x7F\xC2\x9Bz\xFF";
  EXPECT_EQ(logged([&] { kUnderSystemd(Level::info, "got" + hostile, {{"v", hostile}}); }),
            "<6>gota<0>fake[31mz\xEF\xBF\xBD v=a<0>fake[31mz\xEF\xBF\xBD\n");
}

TEST(Log, BoundsTheLengthOfAValue) {
  EXPECT_EQ(
      logged([] { kUnderSystemd(Level::info, "x", {{"v", std::string(100'000, 'y')}}); }).size(),
      std::string_view("<6>x v=\n").size() + 1024);
}

TEST(Log, KeepsLinesOfThreadsApart) {
  const std::string text = logged([] {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 50; ++i) kUnderSystemd(Level::info, std::string(200, 'm'));
      });
    }
  });
  std::string expected;
  for (int i = 0; i < 200; ++i) expected += "<6>" + std::string(200, 'm') + "\n";
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace passgate::runtime
