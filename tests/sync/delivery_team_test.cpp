// SPDX-License-Identifier: Apache-2.0
// Several workers of one subscriber.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "sim/http/server.h"
#include "sim/subscriber/subscriber.h"
#include "sync/http/curl_client.h"
#include "tests/sync/delivery_fixture.h"

namespace passgate::sync::test {
namespace {

using std::chrono::seconds;

/// Several workers of one subscriber, each with a scripted line of its own.
struct DeliveryTeamTest : DeliveryFixture {
  static constexpr unsigned kCount = 8;
  std::vector<std::unique_ptr<FakeHttp>> lines;
  std::vector<DeliveryWorker> team;

  void SetUp() override {
    start();
    for (unsigned i = 0; i < kCount; ++i) {
      lines.push_back(std::make_unique<FakeHttp>());
      team.emplace_back(parts(*lines[i]), Share{i, kCount});
    }
  }
  /// Passes enough for every worker to have one.
  void owe_everybody() {
    for (int i = 0; i < 64; ++i) owe("pass-" + std::to_string(i));
    for (unsigned i = 0; i < kCount; ++i) {
      ASSERT_TRUE(outbox->next_due(kBackend, times.at(clock.mono), Share{i, kCount}).value()) << i;
    }
  }
  std::size_t asked() const {
    std::size_t count = 0;
    for (const auto& line : lines) count += line->asked.size();
    return count;
  }
};

TEST_F(DeliveryTeamTest, StopsAllWorkersWhenOneIsTold410) {
  owe_everybody();
  lines[3]->script = {answer(410)};
  team[3].step();
  for (int i = 0; i < 3; ++i) {
    for (auto& one : team) one.step();
    clock.advance(std::chrono::hours(24));
  }
  EXPECT_EQ(asked(), 1U);
  EXPECT_EQ(open(), 64U);
  EXPECT_TRUE(link->report(clock.mono).disabled);
}

TEST_F(DeliveryTeamTest, QuietsAllWorkersWhenOneIsToldToWait) {
  owe_everybody();
  lines[0]->script = {answer(503, "", {{"retry-after", "120"}})};
  lines[1]->script = {answer(200)};
  team[0].step();
  for (auto& one : team) EXPECT_EQ(one.step() - clock.monotonic(), seconds(120));
  EXPECT_EQ(asked(), 1U);
  clock.advance(seconds(120));
  team[1].step();
  EXPECT_EQ(asked(), 2U);
}

TEST_F(DeliveryTeamTest, BringsForwardWhatOtherWorkersHoldWhenTheLinkIsBack) {
  owe_everybody();
  lines[0]->script = {fail(Errc::unreachable)};
  lines[1]->script = {fail(Errc::unreachable)};
  lines[2]->script = {answer(200)};
  team[0].step();
  team[1].step();
  EXPECT_EQ(rung, 0U);
  team[2].step();
  EXPECT_EQ(rung, 1U);
  for (const auto& failed : {lines[0]->asked.at(0), lines[1]->asked.at(0)}) {
    const auto id = failed.headers[1].second;
    const auto jobs = outbox->list({.limit = 200}).value();
    const auto job = std::ranges::find(jobs, id, &JobView::event_id);
    ASSERT_NE(job, jobs.end());
    EXPECT_EQ(job->attempts, 1U);
  }
  lines[0]->script = {answer(200)};
  team[0].step();
  EXPECT_EQ(lines[0]->asked.at(0).headers[1], lines[0]->asked.at(1).headers[1]);
}

/// Threads, HTTP and the sandbox's subscriber, which refuses every fifth
/// delivery. Time stands still: what failed is due again at once.
struct DeliveryStormTest : DeliveryFixture {
  static constexpr unsigned kCount = 8;
  static constexpr int kPasses = 24;
  static constexpr int kEvents = 5;
  static constexpr int kMostSteps = 5000;

  CurlLibrary library;
  sim::Subscriber subscriber{
      {.verifier = std::move(*sim::WebhookVerifier::from_secret(secret(kWebhookSecret)))},
      {},
      {},
      clock};
  std::unique_ptr<sim::HttpServer> server =
      std::make_unique<sim::HttpServer>(std::move(*sim::HttpServer::start(
          {}, {}, [this](const sim::HttpRequest& request) { return subscriber.answer(request); })));

  void SetUp() override {
    DeliveryWorker::Settings settings;
    settings.name = "backend";
    settings.url = server->url() + "/hooks";
    settings.keys.push_back(std::move(*webhook_key(secret(kWebhookSecret))));
    settings.retry_base = Milliseconds(0);
    link.emplace(std::move(settings), clock.mono, [] {});
  }
  nlohmann::json tell(std::string method, std::string path, std::string body) {
    sim::HttpRequest request;
    request.method = std::move(method);
    request.target.segments = {"_sim", std::move(path)};
    request.body = std::move(body);
    return nlohmann::json::parse(subscriber.answer(request).body);
  }
  NewJob event_of(const std::string& pass) {
    const auto id = "event-" + std::to_string(++position);
    const nlohmann::json body{
        {"specversion", "1.0"},     {"id", id},
        {"source", "/terminals/a"}, {"type", "passgate.pass.scanned"},
        {"subject", pass},          {"sequence", fmt::format("{:020}", position)}};
    return {.to = kBackend,
            .pass_key = pass,
            .event_id = id,
            .body = body.dump(),
            .position = position};
  }
  /// Every worker on a thread of its own, until its share is delivered.
  void deliver_all() {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < kCount; ++i) {
      threads.emplace_back([this, i] {
        CurlClient client;
        DeliveryWorker one(parts(client), Share{i, kCount});
        for (int step = 0; step < kMostSteps; ++step) {
          const auto left = outbox->next_time(kBackend, Share{i, kCount});
          if (!left || !*left) return;
          one.step();
        }
      });
    }
  }
};

TEST_F(DeliveryStormTest, KeepsTheOrderOfEveryPassWithEightWorkersAndAFailureInFive) {
  tell("POST", "faults", R"({"every":5})");
  std::vector<NewJob> jobs;
  for (int event = 0; event < kEvents; ++event) {
    for (int pass = 0; pass < kPasses; ++pass) {
      jobs.push_back(event_of("t/" + std::to_string(pass)));
    }
  }
  ASSERT_TRUE(outbox->store(jobs, position, clock.now(), times.at(clock.mono)));
  deliver_all();
  server.reset();
  EXPECT_EQ(open(), 0U);
  EXPECT_EQ(dead(), 0U);
  const auto arrived = tell("GET", "events", "")["events"];
  int taken = 0;
  int refused = 0;
  for (const auto& line : arrived) {
    if (line["status"] != 204) {
      ++refused;
      continue;
    }
    ++taken;
    // One that came before says nothing of its order.
    EXPECT_FALSE(line.value("duplicate", true)) << line;
    EXPECT_TRUE(line.value("in_order", false)) << line;
  }
  EXPECT_EQ(taken, kPasses * kEvents);
  EXPECT_GE(refused, kPasses * kEvents / 5);
}

}  // namespace
}  // namespace passgate::sync::test
