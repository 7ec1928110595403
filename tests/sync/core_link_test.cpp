// SPDX-License-Identifier: Apache-2.0
#include "sync/core_link.h"

#include <latch>

#include "tests/rig/answering_socket.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using runtime::Message;

constexpr Milliseconds kPlenty{20'000};  // Only a failing test ever waits so long.

std::optional<Message> echo(const Message& message) {
  return Message{{"type", "echo"}, {"n", message.value("n", 0)}};
}

struct CoreLinkTest : ::testing::Test {
  TempDir folder;
  CoreLink link{folder / "core.sock"};

  int ask(int n) {
    const auto answer = link.ask({{"type", "ask"}, {"n", n}}, kPlenty);
    EXPECT_TRUE(answer) << (answer ? "" : name(answer.error().code()));
    return answer ? answer->value("n", -1) : -1;
  }
};

TEST_F(CoreLinkTest, AsksAgainOverTheConnectionItHas) {
  const passgate::test::AnsweringSocket core(folder / "core.sock", echo);
  EXPECT_EQ(ask(1), 1);
  const auto first = core.last_client();
  EXPECT_EQ(ask(2), 2);
  EXPECT_EQ(core.last_client(), first);
}

TEST_F(CoreLinkTest, SaysThatPassgatedIsNotThere) {
  EXPECT_EQ(link.ask({{"type", "ask"}}, kPlenty).error().code(), Errc::unreachable);
}

TEST_F(CoreLinkTest, FindsPassgatedAgainAfterItsRestart) {
  std::optional<passgate::test::AnsweringSocket> core(std::in_place, folder / "core.sock", echo);
  EXPECT_EQ(ask(1), 1);
  core.reset();
  core.emplace(folder / "core.sock", echo);
  EXPECT_EQ(ask(2), 2);
  EXPECT_EQ(core->asked(), 1);
  core.reset();
  EXPECT_EQ(link.ask({{"type", "ask"}}, kPlenty).error().code(), Errc::unreachable);
}

TEST_F(CoreLinkTest, NeverTakesALateAnswerForTheNextOne) {
  std::latch asked_in_vain(1);
  const passgate::test::AnsweringSocket core(folder / "core.sock", [&](const Message& message) {
    if (message.value("n", 0) == 2) asked_in_vain.wait();  // Answers after all.
    return echo(message);
  });
  EXPECT_EQ(ask(1), 1);
  const auto late = link.ask({{"type", "ask"}, {"n", 2}}, Milliseconds(20));
  EXPECT_EQ(late.error().code(), Errc::deadline_exceeded);
  asked_in_vain.count_down();
  EXPECT_EQ(ask(3), 3);
}

TEST_F(CoreLinkTest, GivesEveryThreadItsOwnAnswer) {
  const passgate::test::AnsweringSocket core(folder / "core.sock", echo);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 12; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(ask(thread * 1000 + i), thread * 1000 + i);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(core.asked(), 600);
}

}  // namespace
}  // namespace passgate::sync::test
