// SPDX-License-Identifier: Apache-2.0
#include "sync/http/curl_client.h"

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "sim/http/server.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

/// A server on loopback that answers what the test says.
struct CurlClientTest : ::testing::Test {
  CurlLibrary library;
  CurlClient client;
  sim::HttpResponse response;
  std::mutex mutex;
  std::vector<sim::HttpRequest> arrived;
  std::promise<void> first_arrival;
  sim::HttpServer server = std::move(*sim::HttpServer::start({}, {}, [this](const auto& request) {
    const std::lock_guard lock(mutex);
    arrived.push_back(request);
    if (arrived.size() == 1) first_arrival.set_value();
    return response;
  }));

  HttpRequest request(std::string method = "GET") {
    HttpRequest request;
    request.method = std::move(method);
    request.url = server.url() + "/some/path";
    return request;
  }
};

TEST_F(CurlClientTest, BringsStatusHeadersAndBody) {
  response = {.status = 429, .body = "slow down", .headers = {{"Retry-After", "7"}}};
  const auto got = client.perform(request());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 429);
  EXPECT_EQ(got->body, "slow down");
  EXPECT_EQ(got->header("retry-after"), "7");
}

TEST_F(CurlClientTest, SendsAWriteOnceThoughAKeptConnectionTurnsOutToBeDead) {
  ASSERT_TRUE(client.perform(request()));  // The connection is kept.
  {
    const std::lock_guard lock(mutex);
    response.delivery = sim::Delivery::none;
  }
  auto write = request("POST");
  write.once = true;
  EXPECT_FALSE(client.perform(write));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(arrived.size(), 2U);
}

TEST_F(CurlClientTest, TellsALostConnectionFromOneThatNeverWas) {
  response.delivery = sim::Delivery::none;
  auto write = request("POST");
  write.once = true;
  EXPECT_EQ(client.perform(write).error().code(), Errc::connection_lost);
  write.url = "http://127.0.0.1:1/";
  EXPECT_EQ(client.perform(write).error().code(), Errc::unreachable);
}

TEST_F(CurlClientTest, SendsMethodBodyHeadersAndSecrets) {
  auto patch = request("PATCH");
  const auto key = secret("sesame");
  patch.body = R"({"pass":{}})";
  patch.headers = {{"Content-Type", "application/json"}};
  patch.secret_headers = {{"X-API-KEY", "", &key}, {"Authorization", "Bearer ", &key}};
  ASSERT_TRUE(client.perform(patch));
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].method, "PATCH");
  EXPECT_EQ(arrived[0].body, R"({"pass":{}})");
  EXPECT_EQ(arrived[0].header("content-type"), "application/json");
  EXPECT_EQ(arrived[0].header("x-api-key"), "sesame");
  EXPECT_EQ(arrived[0].header("authorization"), "Bearer sesame");
  EXPECT_EQ(arrived[0].header("expect"), std::nullopt);
}

TEST_F(CurlClientTest, DoesNotCarryARequestOverToTheNext) {
  auto post = request("POST");
  const auto key = secret("sesame");
  post.body = "x";
  post.secret_headers = {{"X-API-KEY", "", &key}};
  ASSERT_TRUE(client.perform(post));
  ASSERT_TRUE(client.perform(request()));
  EXPECT_EQ(arrived[1].method, "GET");
  EXPECT_EQ(arrived[1].body, "");
  EXPECT_EQ(arrived[1].header("x-api-key"), std::nullopt);
}

TEST_F(CurlClientTest, RefusesAHeaderThatWouldBecomeTwo) {
  auto split = request();
  const auto key = secret("sesame\r\nX-Other: 1");
  split.secret_headers = {{"X-API-KEY", "", &key}};
  EXPECT_EQ(client.perform(split).error().code(), Errc::bad_value);
  EXPECT_TRUE(arrived.empty());
}

TEST_F(CurlClientTest, ReportsARedirectInsteadOfFollowingIt) {
  response = {.status = 302, .body = "", .headers = {{"Location", server.url() + "/elsewhere"}}};
  EXPECT_EQ(client.perform(request())->status, 302);
  EXPECT_EQ(arrived.size(), 1U);
}

TEST_F(CurlClientTest, StopsReadingAnAnswerThatIsTooLarge) {
  response.body = std::string(1001, 'x');
  auto limited = request();
  limited.answer_limit = 1000;
  EXPECT_EQ(client.perform(limited).error().code(), Errc::too_large);
  limited.answer_limit = 1001;
  EXPECT_EQ(client.perform(limited)->body.size(), 1001U);
}

TEST_F(CurlClientTest, DropsABodyNobodyWants) {
  response.body = std::string(100'000, 'x');
  auto unread = request("POST");
  unread.keep_body = false;
  unread.answer_limit = 10;
  const auto got = client.perform(unread);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->body.empty());
}

TEST_F(CurlClientTest, DoesNotTakeHalfAnAnswerForAWholeOne) {
  response.body = R"({"passes":[]})";
  response.delivery = sim::Delivery::cut_off;
  EXPECT_EQ(client.perform(request()).error().code(), Errc::connection_lost);
}

TEST_F(CurlClientTest, GivesUpAtTheEndOfItsBudget) {
  response.delay = Milliseconds(30'000);
  auto hurried = request();
  hurried.budget = Milliseconds(50);
  EXPECT_EQ(client.perform(hurried).error().code(), Errc::deadline_exceeded);
}

TEST_F(CurlClientTest, EndsARequestUnderWayWhenItIsStopped) {
  response.delay = Milliseconds(30'000);
  auto hanging = std::async(std::launch::async, [this] { return client.perform(request()); });
  first_arrival.get_future().wait();
  client.stop();
  EXPECT_EQ(hanging.get().error().code(), Errc::stopped);
  EXPECT_EQ(client.perform(request()).error().code(), Errc::stopped);
}

TEST_F(CurlClientTest, SpeaksOnlyHttp) {
  auto file = request();
  file.url = "file:///etc/passwd";
  EXPECT_EQ(client.perform(file).error().code(), Errc::bad_value);
}

TEST(CurlClient, SaysWhenNobodyIsThere) {
  const CurlLibrary library;
  CurlClient client;
  std::string url;
  {
    const auto gone =
        sim::HttpServer::start({}, {}, [](const auto&) { return sim::HttpResponse(); });
    url = gone->url();
  }
  HttpRequest request;
  request.url = url;
  EXPECT_EQ(client.perform(request).error().code(), Errc::unreachable);
}

}  // namespace
}  // namespace passgate::sync::test
