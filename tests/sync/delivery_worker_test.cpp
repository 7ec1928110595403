// SPDX-License-Identifier: Apache-2.0
#include "sync/delivery_worker.h"

#include <algorithm>
#include <map>

#include "sim/subscriber/standard_webhooks.h"
#include "tests/sync/delivery_fixture.h"

namespace passgate::sync::test {
namespace {

using std::chrono::seconds;

struct DeliveryWorkerTest : DeliveryFixture {};

TEST_F(DeliveryWorkerTest, SendsAnEventAsAStandardWebhookThatVerifies) {
  owe("a");
  http.script = {answer(204)};
  worker->step();
  ASSERT_EQ(http.asked.size(), 1U);
  const auto& request = http.asked[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://backend.example/hooks");
  EXPECT_EQ(request.budget, seconds(10));
  const std::map<std::string, std::string> headers(request.headers.begin(), request.headers.end());
  EXPECT_EQ(headers.at("Content-Type"), "application/cloudevents+json");
  const auto verifier = sim::WebhookVerifier::from_secret(secret(kWebhookSecret));
  EXPECT_TRUE(verifier->verify(headers.at("webhook-id"), headers.at("webhook-timestamp"),
                               headers.at("webhook-signature"), request.body, clock.now()));
  ASSERT_EQ(request.secret_headers.size(), 1U);
  EXPECT_EQ(request.secret_headers[0].name, "Authorization");
  EXPECT_EQ(request.secret_headers[0].scheme, "Bearer ");
  EXPECT_EQ(open(), 0U);
  EXPECT_EQ(outbox->attempts("event-1", kBackend)->at(0).status, 204);
}

TEST_F(DeliveryWorkerTest, SleepsWhileThereIsNothingToSend) {
  EXPECT_GE(worker->step() - clock.monotonic(), std::chrono::minutes(1));
  EXPECT_TRUE(http.asked.empty());
}

TEST_F(DeliveryWorkerTest, RetriesWithTheSameIdAndBodyAndAFreshTimestamp) {
  owe("a");
  http.script = {answer(500), answer(200)};
  next();
  next();
  next();
  ASSERT_EQ(http.asked.size(), 2U);
  EXPECT_EQ(asked_event(0), asked_event(1));
  EXPECT_EQ(http.asked[0].body, http.asked[1].body);
  EXPECT_NE(http.asked[0].headers[2].second, http.asked[1].headers[2].second);
  EXPECT_EQ(open(), 0U);
}

TEST_F(DeliveryWorkerTest, GivesUpAfterFifteenAttemptsOverADayAndKeepsTheLetter) {
  owe("a");
  const auto began = clock.mono;
  for (int i = 0; i < 15; ++i) http.script.push_back(answer(i % 2 == 0 ? 500 : 302));
  for (int i = 0; i < 60 && dead() == 0; ++i) next();
  EXPECT_EQ(http.asked.size(), 15U);
  EXPECT_EQ(dead(), 1U);
  EXPECT_EQ(open(), 0U);
  EXPECT_EQ(outbox->attempts("event-1", kBackend)->size(), 15U);
  EXPECT_NEAR(std::chrono::duration<double>(clock.mono - began).count(), 24.6 * 3600, 3600);
}

TEST_F(DeliveryWorkerTest, SendsOtherPassesWhileOneFailsAndKeepsItsOrder) {
  owe("a");
  owe("a");
  owe("b");
  http.script = {answer(500), answer(200), answer(200), answer(200)};
  for (int i = 0; i < 6; ++i) next();
  ASSERT_EQ(http.asked.size(), 4U);
  EXPECT_EQ(asked_event(0), "event-1");
  EXPECT_EQ(asked_event(1), "event-3");
  EXPECT_EQ(asked_event(2), "event-1");
  EXPECT_EQ(asked_event(3), "event-2");
}

TEST_F(DeliveryWorkerTest, ObeysRetryAfterForEverythingTheSubscriberGets) {
  owe("a");
  owe("b");
  http.script = {answer(429, "", {{"retry-after", "120"}}), answer(200), answer(200)};
  EXPECT_EQ(worker->step() - clock.monotonic(), seconds(120));
  clock.advance(seconds(119));
  worker->step();
  EXPECT_EQ(http.asked.size(), 1U);
  clock.advance(seconds(1));
  next();
  next();
  EXPECT_EQ(http.asked.size(), 3U);
  EXPECT_EQ(open(), 0U);
}

TEST_F(DeliveryWorkerTest, DoesNotSpinOnRetryAfterZero) {
  owe("a");
  http.script = {answer(503, "", {{"retry-after", "0"}})};
  EXPECT_EQ(worker->step() - clock.monotonic(), seconds(1));
}

TEST_F(DeliveryWorkerTest, StopsAt410AndTriesAgainAfterARestart) {
  owe("a");
  owe("b");
  http.script = {answer(410)};
  next();
  next();
  EXPECT_EQ(http.asked.size(), 1U);
  EXPECT_TRUE(link->report(clock.mono).disabled);
  EXPECT_EQ(open(), 2U);
  start();
  http.script = {answer(200), answer(200)};
  for (int i = 0; i < 4; ++i) next();
  EXPECT_EQ(open(), 0U);
}

TEST_F(DeliveryWorkerTest, SendsWhatTheOutageHeldUpAsSoonAsTheLinkIsBack) {
  for (const char* pass : {"a", "b", "c"}) owe(pass);
  // Down for hours: the pauses have grown to hours as well.
  for (int i = 0; i < 30; ++i) http.script.emplace_back(fail(Errc::unreachable));
  while (!http.script.empty()) next();
  http.script = {answer(200), answer(200), answer(200)};
  while (http.script.size() == 3) next();
  const auto back = clock.mono;
  next();
  next();
  EXPECT_EQ(open(), 0U);
  EXPECT_LT(clock.mono - back, seconds(1));
}

TEST_F(DeliveryWorkerTest, DoesNotRunAPoisonedEventThroughItsAttemptsBecauseOthersSucceed) {
  owe("poisoned");
  http.script = {answer(500)};
  worker->step();
  for (int i = 0; i < 5; ++i) {
    owe("fine-" + std::to_string(i));
    http.script = {answer(200)};
    worker->step();
    EXPECT_NE(asked_event(http.asked.size() - 1), "event-1");
  }
  EXPECT_EQ(http.asked.size(), 6U);
}

TEST_F(DeliveryWorkerTest, LeavesNoTraceOfAnAttemptThatTheEndOfTheProcessCut) {
  owe("a");
  http.script = {fail(Errc::stopped)};
  worker->step();
  EXPECT_EQ(open(), 1U);
  EXPECT_TRUE(outbox->attempts("event-1", kBackend)->empty());
}

TEST_F(DeliveryWorkerTest, KeepsItsScheduleWhenTheWallClockIsStepped) {
  owe("a");
  http.script = {answer(500), answer(200)};
  worker->step();
  clock.wall -= std::chrono::years(3);
  clock.mono += seconds(9);
  worker->step();
  EXPECT_EQ(http.asked.size(), 1U);
  clock.mono += seconds(2);
  worker->step();
  EXPECT_EQ(http.asked.size(), 2U);
  EXPECT_EQ(open(), 0U);
}

TEST_F(DeliveryWorkerTest, SignsWithBothKeysWhileOneReplacesTheOther) {
  DeliveryWorker::Settings settings;
  settings.name = "backend";
  for (const auto key :
       {kWebhookSecret, std::string_view("whsec_YWJjZGVmYWJjZGVmYWJjZGVmYWJjZGVm")}) {
    settings.keys.push_back(std::move(*webhook_key(secret(key))));
  }
  link.emplace(std::move(settings), clock.mono, [] {});
  worker.emplace(parts(http), Share{});
  owe("a");
  http.script = {answer(204)};
  worker->step();
  const auto& headers = http.asked.at(0).headers;
  EXPECT_EQ(std::ranges::count(headers.at(3).second, ' '), 1);
  for (const auto key :
       {kWebhookSecret, std::string_view("whsec_YWJjZGVmYWJjZGVmYWJjZGVmYWJjZGVm")}) {
    EXPECT_TRUE(sim::WebhookVerifier::from_secret(secret(key))
                    ->verify(headers[1].second, headers[2].second, headers[3].second,
                             http.asked[0].body, clock.now()));
  }
}

TEST_F(DeliveryWorkerTest, CountsTheAttemptsOfARedeliveredLetterAnewAndKeepsThemAll) {
  owe("a");
  for (int i = 0; i < 15; ++i) http.script.push_back(answer(500));
  for (int i = 0; i < 60 && dead() == 0; ++i) next();
  const auto id = outbox->list({}).value().at(0).id;
  ASSERT_TRUE(outbox->redeliver(id, times.at(clock.mono)).value());
  for (int i = 0; i < 14; ++i) http.script.push_back(answer(500));
  http.script.push_back(answer(204));
  for (int i = 0; i < 60 && open() > 0; ++i) next();
  EXPECT_EQ(dead(), 0U);
  EXPECT_EQ(outbox->list({}).value().at(0).state, "done");
  EXPECT_EQ(outbox->attempts("event-1", kBackend)->size(), 30U);
}

TEST_F(DeliveryWorkerTest, DoesNotRunAnEventThatBreaksTheConnectionThroughItsAttempts) {
  owe("poisoned");
  http.script = {fail(Errc::unreachable)};
  worker->step();
  for (int i = 0; i < 5; ++i) {
    owe("fine-" + std::to_string(i));
    http.script = {answer(200)};
    worker->step();
    EXPECT_NE(asked_event(http.asked.size() - 1), "event-1");
  }
  EXPECT_EQ(http.asked.size(), 6U);
}

}  // namespace
}  // namespace passgate::sync::test
