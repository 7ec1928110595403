// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/push_sender.h"

#include <gtest/gtest.h>

#include <latch>
#include <mutex>
#include <vector>

#include "sim/http/server.h"

namespace passgate::sim::test {
namespace {

/// A webhook that answers from a script, then 204, and keeps what came.
class Receiver {
 public:
  explicit Receiver(std::vector<int> script = {}) : script_(std::move(script)) {}

  std::string url() const { return server_.url() + "/webhooks/main"; }
  std::vector<HttpRequest> got() {
    const std::lock_guard lock(mutex_);
    return got_;
  }
  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    for (const auto& each : got()) all.push_back(each.body);
    return all;
  }

 private:
  HttpResponse answer(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    HttpResponse response;
    response.status = got_.size() < script_.size() ? script_[got_.size()] : 204;
    if (response.status == 0) response.delivery = Delivery::none;
    got_.push_back(request);
    return response;
  }

  std::mutex mutex_;
  std::vector<int> script_;
  std::vector<HttpRequest> got_;
  HttpServer server_ = std::move(
      *HttpServer::start({}, {}, [this](const HttpRequest& request) { return answer(request); }));
};

PushSender::Options to(const std::string& url) {
  return {.url = url, .attempts = 3, .pause = Milliseconds{0}};
}

TEST(PushSender, DeliversBodiesAndHeadersInTheOrderTheyCame) {
  Receiver receiver;
  PushSender sender(to(receiver.url()));
  for (const auto* body : {"one", "two", "three"}) {
    sender.submit({body, {{"Content-Type", "application/json"}, {"Authorization", "Bearer t"}}});
  }
  EXPECT_EQ(sender.wait_until_idle().delivered, 3U);
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"one", "two", "three"}));
  const auto first = receiver.got().front();
  EXPECT_EQ(first.method, "POST");
  EXPECT_EQ(first.target.segments, (std::vector<std::string>{"webhooks", "main"}));
  EXPECT_EQ(first.header("authorization"), "Bearer t");
  EXPECT_EQ(first.header("content-type"), "application/json");
}

TEST(PushSender, SendsTheSameAgainUntilItIsTakenBeforeItGoesOn) {
  Receiver receiver({503, 0, 200});
  PushSender sender(to(receiver.url()));
  sender.submit({"one", {}});
  sender.submit({"two", {}});
  EXPECT_EQ(sender.wait_until_idle().delivered, 2U);
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"one", "one", "one", "two"}));
}

TEST(PushSender, GivesUpAfterItsAttemptsAndGoesOnWithTheNext) {
  Receiver receiver({503, 500, 302});
  PushSender sender(to(receiver.url()));
  sender.submit({"one", {}});
  sender.submit({"two", {}});
  const auto counts = sender.wait_until_idle();
  EXPECT_EQ(counts.given_up, 1U);
  EXPECT_EQ(counts.delivered, 1U);
  EXPECT_EQ(receiver.bodies().back(), "two");
}

TEST(PushSender, DropsWhatItsQueueHasNoRoomFor) {
  std::latch arrived(1);
  std::latch release(1);
  auto server = std::move(*HttpServer::start({}, {}, [&](const HttpRequest& request) {
    if (request.body == "first") {
      arrived.count_down();
      release.wait();
    }
    return HttpResponse{};
  }));
  auto options = to(server.url() + "/");
  options.most_waiting = 2;
  PushSender sender(std::move(options));
  sender.submit({"first", {}});
  arrived.wait();  // taken out of the queue and under way
  for (int i = 0; i < 5; ++i) sender.submit({"more", {}});
  release.count_down();
  const auto counts = sender.wait_until_idle();
  EXPECT_EQ(counts.delivered, 3U);
  EXPECT_EQ(counts.dropped, 3U);
}

TEST(PushSender, EndsAtOnceAlthoughItWaitsForAnotherAttempt) {
  Receiver receiver(std::vector<int>(100, 503));
  auto options = to(receiver.url());
  options.pause = std::chrono::hours{1};  // The test hangs if the end waits for it.
  {
    PushSender sender(std::move(options));
    sender.submit({"one", {}});
  }
  EXPECT_LE(receiver.got().size(), 1U);
}

TEST(PushSender, SendsToLoopbackOnly) {
  EXPECT_TRUE(PushSender::check("http://127.0.0.1:8470/webhooks/main"));
  for (const auto* url :
       {"", "https://127.0.0.1:1/", "http://192.0.2.1:80/", "http://127.0.0.1:0/",
        "http://127.0.0.1:80", "http://127.0.0.1:80@evil.example/", "http://127.0.0.1:99999/",
        "http://127.0.0.1:80/a b", "http://127.0.0.1:80/\r\nX: y"}) {
    EXPECT_FALSE(PushSender::check(url)) << url;
  }
}

}  // namespace
}  // namespace passgate::sim::test
