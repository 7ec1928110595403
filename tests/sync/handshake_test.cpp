// SPDX-License-Identifier: Apache-2.0
#include "sync/handshake.h"

#include <algorithm>
#include <mutex>

#include "sim/http/server.h"
#include "sim/subscriber/subscriber.h"
#include "sync/delivery_worker.h"
#include "sync/http/curl_client.h"
#include "sync/standard_webhooks.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const Destination kBackend{JobKind::delivery, "backend"};

struct HandshakeTest : ::testing::Test {
  ManualClock clock;
  Handshake handshake{"gate.example", Milliseconds(10000), clock.mono};

  Status take(const Result<HttpAnswer>& answer) {
    return handshake.take(answer, clock.mono, clock.wall, 0.5);
  }
  static HttpAnswer consent(std::string origin = "gate.example", std::string rate = "*") {
    return answer(
        200, "",
        {{"webhook-allowed-origin", std::move(origin)}, {"webhook-allowed-rate", std::move(rate)}});
  }
  bool consented() { return handshake.consented(clock.mono); }
  Milliseconds pause() { return std::chrono::ceil<Milliseconds>(handshake.ask_at() - clock.mono); }
};

TEST_F(HandshakeTest, AsksTheExactAddressInOurNameAtOnce) {
  EXPECT_FALSE(consented());
  EXPECT_LE(handshake.ask_at(), clock.mono);
  const auto request = handshake.request("https://backend.example/hooks?a=b");
  EXPECT_EQ(request.method, "OPTIONS");
  EXPECT_EQ(request.url, "https://backend.example/hooks?a=b");
  ASSERT_EQ(request.headers.size(), 1U);
  EXPECT_EQ(request.headers[0].first, "WebHook-Request-Origin");
  EXPECT_EQ(request.headers[0].second, "gate.example");
  EXPECT_TRUE(request.secret_headers.empty());
}

TEST_F(HandshakeTest, TakesOurNameOrAStarForAYesWhateverTheStatus) {
  EXPECT_TRUE(take(consent("*")));
  EXPECT_TRUE(consented());
  auto strange = consent();
  strange.status = 405;
  EXPECT_TRUE(take(strange));
  EXPECT_TRUE(consented());
}

TEST_F(HandshakeTest, TakesNothingElseForAYes) {
  for (const char* origin : {"", "other.example", "gate.example.evil.example", "gate.exampl"}) {
    const auto refused = take(consent(origin));
    ASSERT_FALSE(refused) << origin;
    EXPECT_EQ(refused.error(), Error(Errc::rejected, 200));
    EXPECT_FALSE(consented()) << origin;
  }
  EXPECT_FALSE(take(answer(204)));
  EXPECT_FALSE(take(answer(200, "", {{"allow", "OPTIONS, POST"}})));
  EXPECT_FALSE(take(fail(Errc::unreachable)));
  EXPECT_FALSE(consented());
}

TEST_F(HandshakeTest, TakesARateItCannotKeepToForNoConsent) {
  for (const char* rate : {"0", "-1", "many", "12.5", "99999999999", ""}) {
    const auto refused = take(consent("*", rate));
    ASSERT_FALSE(refused) << rate;
    EXPECT_EQ(refused.error().code(), Errc::bad_reply);
    EXPECT_FALSE(consented()) << rate;
  }
}

TEST_F(HandshakeTest, AsksAgainLaterAndLaterAndNeverStops) {
  EXPECT_FALSE(take(answer(404)));
  EXPECT_EQ(pause(), seconds(10));
  EXPECT_FALSE(take(answer(404)));
  EXPECT_EQ(pause(), seconds(19));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(take(answer(404)));
  EXPECT_GT(pause(), hours(10));
  EXPECT_LT(pause(), hours(13));
}

TEST_F(HandshakeTest, AsksEveryFiveMinutesWhileNobodyAnswersHoweverLongThatWas) {
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(take(fail(Errc::unreachable)));
  EXPECT_EQ(pause(), minutes(5));
}

TEST_F(HandshakeTest, ObeysRetryAfter) {
  EXPECT_FALSE(take(answer(429, "", {{"retry-after", "120"}})));
  EXPECT_EQ(pause(), seconds(120));
  EXPECT_FALSE(take(answer(429, "", {{"retry-after", "0"}})));
  EXPECT_EQ(pause(), seconds(1));
}

TEST_F(HandshakeTest, LetsConsentLastADay) {
  EXPECT_TRUE(take(consent()));
  clock.advance(hours(24) - seconds(1));
  EXPECT_TRUE(consented());
  clock.advance(seconds(1));
  EXPECT_FALSE(consented());
  EXPECT_LE(handshake.ask_at(), clock.mono);
  EXPECT_FALSE(take(answer(200)));
  EXPECT_FALSE(consented());
}

TEST_F(HandshakeTest, KeepsToTheRateAlsoOverANewConsent) {
  EXPECT_TRUE(take(consent("*", "6")));
  EXPECT_EQ(handshake.claim(clock.mono), clock.mono);
  EXPECT_EQ(handshake.claim(clock.mono), clock.mono + seconds(10));
  EXPECT_TRUE(take(consent("*", "6")));
  EXPECT_EQ(handshake.claim(clock.mono), clock.mono + seconds(10));
  clock.advance(seconds(10));
  EXPECT_EQ(handshake.claim(clock.mono), clock.mono);
  EXPECT_TRUE(take(consent("*", "*")));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(handshake.claim(clock.mono), clock.mono);
}

TEST_F(HandshakeTest, SetsNoLimitWhenNoneIsNamed) {
  EXPECT_TRUE(take(answer(200, "", {{"webhook-allowed-origin", "*"}})));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(handshake.claim(clock.mono), clock.mono);
}

/// Two workers, the real outbox and the sandbox's subscriber over HTTP.
struct ConsentTest : ::testing::Test {
  TempDir folder;
  ManualClock clock;
  SteadyWall times{clock};
  runtime::Log log{false, runtime::Level::error};
  CurlLibrary library;
  Outbox outbox = std::move(Outbox::open(folder / "outbox.db").value());
  std::unique_ptr<sim::Subscriber> subscriber;
  std::mutex mutex;
  std::vector<std::string> methods;  ///< Under the mutex.
  std::optional<sim::HttpServer> server;
  CurlClient http[2];
  std::optional<SubscriberLink> link;
  std::vector<DeliveryWorker> workers;
  unsigned woken = 0;
  std::uint64_t position = 0;

  void start(const std::string& consent, const std::string& rate = "*") {
    subscriber = std::make_unique<sim::Subscriber>(
        sim::SubscriberOptions{
            .verifier = std::move(*sim::WebhookVerifier::from_secret(secret(kSecret))),
            .consent = consent,
            .rate = rate},
        sim::JsonLines{}, sim::JsonLines{}, clock);
    server.emplace(std::move(*sim::HttpServer::start({}, {}, [this](const auto& request) {
      const std::lock_guard lock(mutex);
      methods.push_back(request.method);
      return subscriber->answer(request);
    })));
    DeliveryWorker::Settings settings;
    settings.name = "backend";
    settings.url = server->url() + "/hooks";
    settings.keys.push_back(std::move(*webhook_key(secret(kSecret))));
    settings.origin = "gate.example";
    workers.clear();
    link.emplace(std::move(settings), clock.mono, [this] { ++woken; });
    for (unsigned i = 0; i < 2; ++i) {
      workers.emplace_back(DeliveryWorker::Parts{.link = *link,
                                                 .http = http[i],
                                                 .outbox = outbox,
                                                 .clock = clock,
                                                 .times = times,
                                                 .log = log,
                                                 .random = [] { return 0.5; }},
                           Share{i, 2});
    }
  }
  void owe(const std::string& pass) {
    ++position;
    const std::vector jobs{NewJob{.to = kBackend,
                                  .pass_key = pass,
                                  .event_id = "event-" + std::to_string(position),
                                  .body = R"({"specversion":"1.0","id":"e)" +
                                          std::to_string(position) +
                                          R"(","source":"/t","type":"passgate.pass.scanned"})",
                                  .position = position}};
    ASSERT_TRUE(outbox.store(jobs, position, clock.now(), times.at(clock.monotonic())));
  }
  /// Every worker once; moves to when the first wants to be called again.
  void round() {
    auto due = MonoTime::max();
    for (auto& worker : workers) due = std::min(due, worker.step());
    if (due > clock.mono) clock.advance(std::chrono::ceil<Milliseconds>(due - clock.mono));
  }
  std::size_t open() { return outbox.backlog(kBackend)->open; }
  std::size_t asked(std::string_view method) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::ranges::count(methods, method));
  }
};

TEST_F(ConsentTest, SendsNothingAndUsesNoAttemptUpWithoutConsent) {
  start("other.example");
  owe("a");
  owe("b");
  const auto began = clock.mono;
  while (clock.mono - began < hours(30)) round();
  EXPECT_GT(asked("OPTIONS"), 10U);
  EXPECT_EQ(asked("POST"), 0U);
  EXPECT_EQ(open(), 2U);
  EXPECT_TRUE(outbox.attempts("event-1", kBackend)->empty());
  EXPECT_TRUE(link->report(clock.mono).without_consent);
  EXPECT_EQ(link->report(clock.mono).last_error, "rejected");
  EXPECT_EQ(woken, 0U);
}

TEST_F(ConsentTest, AsksOnceForAllWorkersAndDeliversInTheNameItAskedIn) {
  start("gate.example");
  for (const char* pass : {"a", "b", "c", "d"}) owe(pass);
  for (int i = 0; i < 8 && open() > 0; ++i) {
    for (auto& worker : workers) worker.step();
  }
  EXPECT_EQ(open(), 0U);
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(methods.front(), "OPTIONS");
  }
  EXPECT_EQ(asked("OPTIONS"), 1U);
  EXPECT_EQ(asked("POST"), 4U);  // The subscriber refuses another origin, or none.
  EXPECT_EQ(woken, 1U);
  EXPECT_FALSE(link->report(clock.mono).without_consent);
}

TEST_F(ConsentTest, AsksAgainAfterADayAndAfterARestart) {
  start("gate.example");
  workers[0].step();
  EXPECT_EQ(asked("OPTIONS"), 1U);
  clock.advance(hours(24));
  owe("a");
  for (int i = 0; i < 4; ++i) {
    for (auto& worker : workers) worker.step();
  }
  EXPECT_EQ(asked("OPTIONS"), 2U);
  EXPECT_EQ(open(), 0U);
  start("gate.example");
  workers[0].step();
  EXPECT_EQ(asked("OPTIONS"), 3U);
}

TEST_F(ConsentTest, KeepsAllWorkersTogetherWithinTheAllowedRate) {
  start("gate.example", "30");
  for (int i = 0; i < 20; ++i) owe("pass-" + std::to_string(i));
  const auto began = clock.mono;
  for (int i = 0; i < 200 && open() > 0; ++i) round();
  EXPECT_EQ(open(), 0U);
  EXPECT_EQ(asked("POST"), 20U);
  // One at once, then one every two seconds.
  EXPECT_GE(clock.mono - began, seconds(38));
  EXPECT_LE(clock.mono - began, seconds(42));
}

TEST_F(ConsentTest, LetsAnotherWorkerAskWhenTheOneThatAskedIsLost) {
  start("gate.example");
  EXPECT_EQ(link->leave(clock.mono).permit, SubscriberLink::Permit::ask);
  const auto other = link->leave(clock.mono);
  EXPECT_EQ(other.permit, SubscriberLink::Permit::wait);
  EXPECT_EQ(link->leave(other.at).permit, SubscriberLink::Permit::ask);
}

}  // namespace
}  // namespace passgate::sync::test
