// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/http/server.h"
#include "tests/sim/http_client.h"

namespace passgate::sim::test {
namespace {

/// Answers with method, decoded path and body, so that a test sees what arrived.
HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.body = request.method;
  for (const auto& segment : request.target.segments) response.body.append("|").append(segment);
  for (const auto& [key, value] : request.target.query) {
    response.body.append("?").append(key).append("=").append(value);
  }
  response.body += "#" + request.body;
  return response;
}

TEST(HttpServer, DecodesSegmentsWithoutJoiningThemAtAnEncodedSlash) {
  const auto server = HttpServer::start({}, {}, echo);
  ASSERT_TRUE(server);
  EXPECT_EQ(ask("GET", server->url() + "/a%2Fb/c%20d?x=1%262&y=a+b").body,
            "GET|a/b|c d?x=1&2?y=a b#");
}

TEST(HttpServer, HandsABodyOverWhole) {
  const auto server = HttpServer::start({}, {}, echo);
  const std::string body(200'000, 'x');
  EXPECT_EQ(ask("POST", server->url() + "/in", {"Expect:"}, body).body, "POST|in#" + body);
}

TEST(HttpServer, RefusesABodyAboveItsBoundWith413) {
  ServerLimits limits;
  limits.body_bytes = 1000;
  const auto server = HttpServer::start({}, limits, echo);
  EXPECT_EQ(ask("POST", server->url() + "/in", {"Expect:"}, std::string(1000, 'x')).status, 200);
  EXPECT_EQ(ask("POST", server->url() + "/in", {"Expect:"}, std::string(1001, 'x')).status, 413);
  const auto chunked = ask("POST", server->url() + "/in", {"Expect:", "Transfer-Encoding: chunked"},
                           std::string(5000, 'x'));
  EXPECT_NE(chunked.status, 200);
}

TEST(HttpServer, AnswersAThrowingHandlerWith500AndGoesOn) {
  bool thrown = false;
  const auto server = HttpServer::start({}, {}, [&](const HttpRequest& request) {
    if (!std::exchange(thrown, true)) throw std::runtime_error("a secret");
    return echo(request);
  });
  const auto failed = ask("GET", server->url() + "/");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body.find("a secret"), std::string::npos);
  EXPECT_EQ(ask("GET", server->url() + "/").status, 200);
}

TEST(HttpServer, TellsClientsAboveItsLimitInsteadOfLettingThemHang) {
  ServerLimits limits;
  limits.connections = 0;
  const auto server = HttpServer::start({}, limits, echo);
  EXPECT_EQ(ask("GET", server->url() + "/").status, 503);
}

TEST(HttpServer, RefusesAPortThatIsTaken) {
  const auto first = HttpServer::start({}, {}, echo);
  ASSERT_TRUE(first);
  const auto second = HttpServer::start({.port = first->port()}, {}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::unreachable);
}

TEST(ListenAddress, IsLoopbackOrNothing) {
  EXPECT_EQ(ListenAddress::parse("127.0.0.1:8080")->port, 8080);
  for (const auto* text : {"0.0.0.0:80", "10.0.0.1:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                           "127.0.0.1:70000", "localhost:80", ":80", ""}) {
    EXPECT_FALSE(ListenAddress::parse(text)) << text;
  }
}

TEST(Target, TakesTheAbsoluteForm) {
  const auto target = parse_target("https://api.example/v1/passes?page=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"v1", "passes"}));
  EXPECT_EQ(target->parameter("page"), "2");
  EXPECT_TRUE(parse_target("http://api.example")->segments.empty());
}

TEST(Target, RefusesBrokenEscapes) {
  for (const auto* raw : {"/%", "/%4", "/%zz", "/a?x=%f", "a/b", "*", ""}) {
    EXPECT_FALSE(parse_target(raw)) << raw;
  }
}

}  // namespace
}  // namespace passgate::sim::test
