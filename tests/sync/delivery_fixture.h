// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/delivery_worker.h"
#include "sync/standard_webhooks.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {

inline constexpr std::string_view kWebhookSecret =
    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
inline const Destination kBackend{JobKind::delivery, "backend"};

/// One worker with an outbox on disk, a scripted subscriber and a clock by hand.
struct DeliveryFixture : ::testing::Test {
  TempDir folder;
  ManualClock clock;
  SteadyWall times{clock};
  runtime::Log log{false, runtime::Level::error};
  FakeHttp http;
  std::optional<Outbox> outbox = std::move(Outbox::open(folder / "outbox.db").value());
  std::optional<SubscriberLink> link;
  std::optional<DeliveryWorker> worker;
  std::uint64_t position = 0;
  unsigned rung = 0;  ///< How often the link woke its workers.

  void SetUp() override { start(); }
  void start() {
    DeliveryWorker::Settings settings;
    settings.name = "backend";
    settings.url = "https://backend.example/hooks";
    settings.keys.push_back(std::move(*webhook_key(secret(kWebhookSecret))));
    settings.bearer = secret("token");
    link.emplace(std::move(settings), clock.mono, [this] { ++rung; });
    worker.emplace(parts(http), Share{});
  }
  DeliveryWorker::Parts parts(HttpClient& client) {
    return {.link = *link,
            .http = client,
            .outbox = *outbox,
            .clock = clock,
            .times = times,
            .log = log,
            .random = [] { return 0.5; }};
  }
  void owe(std::string pass) {
    ++position;
    const std::vector jobs{NewJob{.to = kBackend,
                                  .pass_key = std::move(pass),
                                  .event_id = "event-" + std::to_string(position),
                                  .body = R"({"a":1})",
                                  .position = position}};
    ASSERT_TRUE(outbox->store(jobs, position, clock.now(), times.at(clock.monotonic())));
  }
  /// Moves to when the worker wants to be called, and calls it.
  void next() {
    const auto due = worker->step();
    if (due > clock.mono) clock.advance(std::chrono::ceil<Milliseconds>(due - clock.mono));
  }
  std::string asked_event(std::size_t index) { return http.asked.at(index).headers[1].second; }
  std::size_t open() { return outbox->backlog(kBackend)->open; }
  std::size_t dead() { return outbox->backlog(kBackend)->failed; }
};

}  // namespace passgate::sync::test
