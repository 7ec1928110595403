// SPDX-License-Identifier: Apache-2.0
// What becomes of a push, at any cloud.
#include "tests/sync/made_up_cloud.h"

namespace passgate::sync::test {
namespace {

using ProviderWorkerPushTest = ProviderWorkerCloudTest;

TEST_F(ProviderWorkerPushTest, AsksAboutAPassThatWasPushed) {
  sweep_all();
  push(about("b"));
  http.script = {answer(200, "b")};
  steps(1);
  EXPECT_EQ(urls(), (std::vector<std::string>{"one/id-b"}));
  EXPECT_EQ(state("b"), PassState::expired);
  push(about("b"));
  steps(1);
  EXPECT_EQ(urls().size(), 1U) << "the same event again is no work";
}

TEST_F(ProviderWorkerPushTest, APushedPassThatIsGoneIsVoided) {
  sweep_all();
  push(about("b"));
  http.script = {answer(404)};
  steps(1);
  EXPECT_EQ(state("b"), PassState::voided);
  EXPECT_EQ(state("a"), PassState::valid);
}

TEST_F(ProviderWorkerPushTest, BelievesAPushOnlyWhereTheCloudCannotBeAsked) {
  sweep_all();
  auto told = about("b");
  told.told = PassState::voided;
  push(told);
  http.script = {answer(200, "b")};
  steps(1);
  EXPECT_EQ(state("b"), PassState::expired) << "what the cloud says when asked";
  cloud.has_look_up = false;
  told.dedup_key = "another";
  push(told);
  steps(1);
  EXPECT_EQ(state("b"), PassState::voided);
}

TEST_F(ProviderWorkerPushTest, FindsThePassOfAPushThatOnlyKnowsItsId) {
  sweep_all();
  auto bare = about("b");
  bare.pass_template.clear();
  bare.pass.serial.clear();
  bare.told = PassState::voided;
  cloud.has_look_up = false;
  push(bare);
  steps(1);
  EXPECT_EQ(state("b"), PassState::voided);
}

TEST_F(ProviderWorkerPushTest, SwallowsTheEchoOfItsOwnWriteOnce) {
  sweep_all();
  owe();
  http.script = {answer(200)};
  steps(1);
  auto echo = about("a");
  echo.may_be_echo = true;
  echo.tap_id = kTap;
  push(echo);
  steps(1);
  EXPECT_EQ(urls().size(), 1U) << "nobody was asked about our own write";
  EXPECT_EQ(worker->report().echoes, 1U);
  echo.dedup_key = "the organiser's change, which still carries our mark";
  push(echo);
  http.script = {answer(200, "a")};
  steps(1);
  EXPECT_EQ(urls().back(), "one/id-a");
}

TEST_F(ProviderWorkerPushTest, APushOfAnotherScannerIsNoEcho) {
  sweep_all();
  owe();
  http.script = {answer(200)};
  steps(1);
  auto other = about("a");
  other.may_be_echo = true;
  other.device = "not ours";
  push(other);
  http.script = {answer(200, "a")};
  steps(1);
  EXPECT_EQ(urls().back(), "one/id-a");
}

TEST_F(ProviderWorkerPushTest, APushThatCannotBeLookedIntoDoesNotStayForEver) {
  sweep_all();
  push(about("b"));
  for (int i = 0; i < 8; ++i) http.script.emplace_back(answer(500));
  for (int i = 0; i < 8; ++i) steps(1), clock.advance(seconds(10));
  EXPECT_TRUE(http.script.empty());
  EXPECT_EQ(outbox->backlog(kPushes)->open, 0U);
}

}  // namespace
}  // namespace passgate::sync::test
