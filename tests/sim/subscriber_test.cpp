// SPDX-License-Identifier: Apache-2.0
#include "sim/subscriber/subscriber.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "sim/http/server.h"
#include "tests/sim/http_client.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {
namespace {

using nlohmann::json;

// The published vector: npm standardwebhooks 1.1.1 and its Python sibling agree on it.
constexpr std::string_view kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kVectorSignature = "v1,lDwDj2CP23ZQ++ScANG4GxtL5usM3pxFDcTZjSpkgk4=";
const WallTime kVectorTime{std::chrono::seconds{1700000000}};

SecretBytes secret(std::string_view text) {
  std::string copy(text);
  return SecretBytes::take({reinterpret_cast<std::uint8_t*>(copy.data()), copy.size()});
}

WebhookVerifier verifier() {
  return std::move(*WebhookVerifier::from_secret(secret(kSecret)));
}

TEST(WebhookVerifier, AcceptsThePublishedVector) {
  EXPECT_TRUE(
      verifier().verify("msg_gate_1", "1700000000", kVectorSignature, R"({"a":1})", kVectorTime));
}

TEST(WebhookVerifier, FindsItsSignatureAmongOthersDuringRotation) {
  const std::string several = "v1a,AAAA v1,AAAA " + std::string(kVectorSignature);
  EXPECT_TRUE(verifier().verify("msg_gate_1", "1700000000", several, R"({"a":1})", kVectorTime));
}

TEST(WebhookVerifier, RefusesAnyChangeOfBodyIdOrTime) {
  const auto v = verifier();
  const auto code = [&](std::string_view id, std::string_view at, std::string_view body) {
    const auto result = v.verify(id, at, kVectorSignature, body, kVectorTime);
    return result ? Errc::stopped : result.error().code();
  };
  EXPECT_EQ(code("msg_gate_1", "1700000000", R"({"a":2})"), Errc::auth_failed);
  EXPECT_EQ(code("msg_gate_2", "1700000000", R"({"a":1})"), Errc::auth_failed);
  EXPECT_EQ(code("msg_gate_1", "1700000001", R"({"a":1})"), Errc::auth_failed);
  EXPECT_EQ(code("", "1700000000", R"({"a":1})"), Errc::bad_value);
  EXPECT_EQ(code("msg.1", "1700000000", R"({"a":1})"), Errc::bad_value);
  EXPECT_EQ(code("msg_gate_1", "soon", R"({"a":1})"), Errc::bad_value);
  EXPECT_EQ(code("msg_gate_1", "-1", R"({"a":1})"), Errc::bad_value);
}

TEST(WebhookVerifier, AllowsFiveMinutesOfSkewAndNotASecondMore) {
  const auto at = [](std::int64_t offset) {
    return verifier()
        .verify("msg_gate_1", "1700000000", kVectorSignature, R"({"a":1})",
                kVectorTime + std::chrono::seconds{offset})
        .has_value();
  };
  EXPECT_TRUE(at(300));
  EXPECT_TRUE(at(-300));
  EXPECT_FALSE(at(301));
  EXPECT_FALSE(at(-301));
}

TEST(WebhookVerifier, RefusesSecretsThatAreNone) {
  for (const auto* text : {"", "whsec_", "whsec_c2hvcnQ=", "whsec_???",
                           "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}) {
    EXPECT_FALSE(WebhookVerifier::from_secret(secret(text))) << text;
  }
}

/// A running subscriber and a sender that signs as the specification says.
class SubscriberTest : public ::testing::Test {
 protected:
  void SetUp() override { run({verifier(), {}, 0, 503}); }

  void run(SubscriberOptions options) {
    server_.reset();
    subscriber_ =
        std::make_unique<Subscriber>(std::move(options), JsonLines{}, JsonLines{}, clock_);
    auto server =
        HttpServer::start({}, {}, [this](const HttpRequest& r) { return subscriber_->answer(r); });
    ASSERT_TRUE(server);
    server_ = std::make_unique<HttpServer>(std::move(*server));
  }

  std::vector<std::string> headers(const std::string& body, const std::string& id = "msg_1") const {
    const auto at = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(clock_.wall.time_since_epoch()).count());
    const auto mac = crypto::hmac_sha256(bytes_of(kKey), bytes_of(id + "." + at + "." + body));
    return {"webhook-id: " + id, "webhook-timestamp: " + at,
            "webhook-signature: v1," + to_base64(mac),
            "Content-Type: application/cloudevents+json; charset=utf-8"};
  }
  Reply deliver(const std::string& body, std::vector<std::string> more = {}) const {
    auto all = headers(body);
    all.insert(all.end(), more.begin(), more.end());
    return ask("POST", server_->url() + "/hooks", all, body);
  }
  json events() const {
    return json::parse(ask("GET", server_->url() + "/_sim/events").body)["events"];
  }
  static std::string event(const std::string& id,
                           const std::string& sequence = "00000000000000004711") {
    return json{{"specversion", "1.0"},
                {"id", id},
                {"source", "/terminals/gate-a1"},
                {"type", "passgate.pass.redeemed"},
                {"subject", "ptk_0x14/838b8cf60dac2bfad9"},
                {"sequence", sequence},
                {"data", {{"decision", "admit"}, {"reason", "ok"}, {"use", 1}}}}
        .dump();
  }

  ManualClock clock_;
  std::unique_ptr<Subscriber> subscriber_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(SubscriberTest, AcceptsASignedCloudEventAndReportsWhatItSays) {
  EXPECT_EQ(deliver(event("e1")).status, 204);
  const json line = events().at(0);
  EXPECT_EQ(line["verified"], true);
  EXPECT_EQ(line["type"], "passgate.pass.redeemed");
  EXPECT_EQ(line["id"], "e1");
  EXPECT_EQ(line["subject"], "ptk_0x14/838b8cf60dac2bfad9");
  EXPECT_EQ(line["sequence"], "00000000000000004711");
  EXPECT_EQ(line["decision"], "admit");
  EXPECT_EQ(line["reason"], "ok");
  EXPECT_EQ(line["duplicate"], false);
}

TEST_F(SubscriberTest, AnswersABadSignatureWith401AndReportsNoContent) {
  const auto signed_for_another = headers(event("e2"));
  EXPECT_EQ(ask("POST", server_->url() + "/hooks", signed_for_another, event("e1")).status, 401);
  const json line = events().at(0);
  EXPECT_EQ(line["verified"], false);
  EXPECT_EQ(line["error"], "auth_failed");
  EXPECT_FALSE(line.contains("id"));
}

TEST_F(SubscriberTest, AcknowledgesARepeatAndMarksIt) {
  deliver(event("e1"));
  EXPECT_EQ(deliver(event("e1")).status, 204);
  EXPECT_EQ(events().at(1)["duplicate"], true);
}

TEST_F(SubscriberTest, TellsWhenAPassesEventsComeOutOfOrder) {
  deliver(event("e1", "00000000000000000002"));
  deliver(event("e2", "00000000000000000003"));
  deliver(event("e3", "00000000000000000001"));
  EXPECT_EQ(events().at(1)["in_order"], true);
  EXPECT_EQ(events().at(2)["in_order"], false);
}

TEST_F(SubscriberTest, RefusesOtherMediaTypesAndBodiesThatAreNoCloudEvent) {
  auto plain = headers(event("e1"));
  plain.back() = "Content-Type: application/json";
  EXPECT_EQ(ask("POST", server_->url() + "/hooks", plain, event("e1")).status, 415);
  EXPECT_EQ(deliver("{}").status, 400);
  EXPECT_EQ(deliver("[1,2]").status, 400);
  EXPECT_EQ(deliver("not json").status, 400);
}

TEST_F(SubscriberTest, AsksForTheBearerTokenWhenItHasOne) {
  run({verifier(), secret("token-1"), 0, 503});
  EXPECT_EQ(deliver(event("e1")).status, 401);
  EXPECT_EQ(deliver(event("e1"), {"Authorization: Bearer token-2"}).status, 401);
  EXPECT_EQ(deliver(event("e1"), {"Authorization: Bearer token-1"}).status, 204);
}

TEST_F(SubscriberTest, FailsTheFirstDeliveriesWhenAskedTo) {
  run({verifier(), {}, 2, 503});
  EXPECT_EQ(deliver(event("e1")).status, 503);
  EXPECT_EQ(deliver(event("e1")).status, 503);
  EXPECT_EQ(deliver(event("e1")).status, 204);
  EXPECT_EQ(events().at(2)["duplicate"], false);
  EXPECT_EQ(ask("POST", server_->url() + "/_sim/faults", {}, R"({"fail":1,"status":410})").status,
            200);
  EXPECT_EQ(deliver(event("e2")).status, 410);
  EXPECT_EQ(deliver(event("e2")).status, 204);
}

TEST_F(SubscriberTest, FailsEveryNthDeliveryAndAsksToWaitWhenToldTo) {
  const auto set = ask("POST", server_->url() + "/_sim/faults", {},
                       R"({"every":2,"status":429,"retry_after":7})");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(deliver(event("e1")).status, 204);
  const auto refused = deliver(event("e2"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "7");
  EXPECT_EQ(deliver(event("e2")).status, 204);
  EXPECT_EQ(deliver(event("e3")).status, 429);
  EXPECT_EQ(ask("POST", server_->url() + "/_sim/faults", {}, R"({"every":-1})").status, 400);
  EXPECT_EQ(ask("POST", server_->url() + "/_sim/faults", {}, "[]").status, 400);
}

TEST_F(SubscriberTest, ConsentsOnlyToTheOriginItKnowsAndSaysHowMuch) {
  run({verifier(), {}, 0, 503, "gate.example", "120"});
  const auto known =
      ask("OPTIONS", server_->url() + "/hooks", {"WebHook-Request-Origin: gate.example"});
  EXPECT_EQ(known.headers.at("webhook-allowed-origin"), "gate.example");
  EXPECT_EQ(known.headers.at("webhook-allowed-rate"), "120");
  EXPECT_EQ(known.headers.at("allow"), "POST");
  for (const char* other : {"WebHook-Request-Origin: other.example", "X-Nothing: 1"}) {
    const auto unknown = ask("OPTIONS", server_->url() + "/hooks", {other});
    EXPECT_FALSE(unknown.headers.contains("webhook-allowed-origin")) << other;
    EXPECT_FALSE(unknown.headers.contains("webhook-allowed-rate")) << other;
    EXPECT_EQ(unknown.headers.at("allow"), "POST");
  }
}

TEST_F(SubscriberTest, ConsentsToWhoeverAsksWhenItsConsentIsAStar) {
  run({verifier(), {}, 0, 503, "*", "*"});
  const auto anybody =
      ask("OPTIONS", server_->url() + "/hooks", {"WebHook-Request-Origin: other.example"});
  EXPECT_EQ(anybody.headers.at("webhook-allowed-origin"), "*");
}

TEST_F(SubscriberTest, RefusesADeliveryWithoutTheOriginItConsentedTo) {
  run({verifier(), {}, 0, 503, "gate.example", "*"});
  EXPECT_EQ(deliver(event("e1")).status, 403);
  EXPECT_EQ(deliver(event("e1"), {"WebHook-Request-Origin: other.example"}).status, 403);
  EXPECT_EQ(deliver(event("e1"), {"WebHook-Request-Origin: gate.example"}).status, 204);
  EXPECT_EQ(events().at(0)["error"], "without_consent");
}

TEST_F(SubscriberTest, GivesNoConsentThatNobodySet) {
  const auto reply =
      ask("OPTIONS", server_->url() + "/hooks", {"WebHook-Request-Origin: gate.example"});
  EXPECT_FALSE(reply.headers.contains("webhook-allowed-origin"));
}

TEST_F(SubscriberTest, GivesEventsAfterAPosition) {
  deliver(event("e1"));
  deliver(event("e2"));
  const json rest = json::parse(ask("GET", server_->url() + "/_sim/events?after=1").body);
  ASSERT_EQ(rest["events"].size(), 1U);
  EXPECT_EQ(rest["events"][0]["id"], "e2");
  EXPECT_EQ(rest["last"], 2);
}

}  // namespace
}  // namespace passgate::sim::test
