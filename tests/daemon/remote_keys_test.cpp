// SPDX-License-Identifier: Apache-2.0
// Passes whose keys a decryption service has: real taps, a real socket where
// passgate-syncd would be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "daemon/tap_flow.h"
#include "runtime/socket_server.h"
#include "tests/rig/flow_fixture.h"
#include "tests/rig/replayer.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using apdu::Signal;
using gate::Decision;
using gate::Reason;
using nlohmann::json;

/// Plays passgate-syncd and the service behind it: opens with the rig's key, or
/// answers what it is told to, or nothing at all.
class Service final : public runtime::SocketServer::Service {
 public:
  Service(const std::filesystem::path& socket, const SecretBytes& key)
      : server_(std::move(*runtime::SocketServer::bind({socket}, {}))) {
    EXPECT_TRUE(ring_.add(key));
    thread_ = std::thread([this] { server_->run(*this); });
  }
  ~Service() override {
    server_->stop();
    thread_.join();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void on_message(runtime::SocketServer& server, std::size_t,
                  runtime::SocketServer::ClientId client, const json& message) override {
    asked.with([&](auto& all) { all.push_back(message); });
    const json told = instead.with([](const json& answer) { return answer; });
    if (late_) server.send(late_->first, late_->second);
    late_.reset();
    if (told.is_object()) return server.send(client, told);
    if (told.is_null()) return server.send(client, opened(message));
    late_.emplace(client, opened(message));
  }
  void on_closed(runtime::SocketServer::ClientId) override {}
  void on_wake(runtime::SocketServer&) override {}
  void on_drained(runtime::SocketServer&, runtime::SocketServer::ClientId) override {}

  void answers(const json& answer) {
    instead.with([&](json& now) { now = answer; });
  }
  std::size_t times_asked() {
    return asked.with([](const auto& all) { return all.size(); });
  }

  Guarded<std::vector<json>> asked;
  Guarded<json> instead;  ///< null: open it; no object: too late, when asked again.
  std::atomic<bool> tells_stamp{true};

 private:
  json opened(const json& message) const {
    const auto payload = from_hex(message.at("payload").get<std::string>());
    const auto opened = ring_.open(payload.value());
    if (!opened) return {{"type", "error"}, {"error", name(opened.error().code())}};
    json answer = {{"type", "opened"}, {"payload", to_hex(opened->payload.expose())}};
    if (tells_stamp) answer["stamped_at"] = to_rfc3339(opened->stamped_at);
    return answer;
  }

  std::optional<std::pair<runtime::SocketServer::ClientId, json>> late_;
  crypto::VasKeyRing ring_{PassTypeId(test::kRigPassType)};
  std::unique_ptr<runtime::SocketServer> server_;
  std::thread thread_;
};

json error(const char* code) {
  return {{"type", "error"}, {"error", code}};
}

class RemoteKeys : public test::FlowFixture {
 protected:
  /// A terminal whose passes "cloud" opens, and "cloud".
  test::FlowRig& remote_rig(test::FlowRig::Options options = {}, Milliseconds budget = 20s) {
    auto remote = std::make_shared<daemon::RemoteService>();
    remote->name = "cloud";
    remote->budget = budget;
    options.remote = remote;
    test::FlowRig& r = rig(std::move(options));
    start_service();
    return r;
  }
  void start_service() { service_.emplace(folder_ / "sync.sock", rig_->key()); }

  std::optional<Service> service_;
};

/// Knows whether the phone may leave.
class WatchedField final : public apdu::CardChannel {
 public:
  explicit WatchedField(sim::Phone& phone) : channel_(phone) {}
  Result<ByteView> transmit(const apdu::CommandApdu& command) override {
    return channel_.transmit(command);
  }
  void release() noexcept override {
    channel_.release();
    if (on_release) on_release();
  }
  std::function<void()> on_release;

 private:
  sim::PhoneChannel channel_;
};

TEST_F(RemoteKeys, AdmitTypeAndRecordAsOwnKeysDo) {
  test::FlowRig& r = remote_rig();
  const auto report = r.tap(*r.phone("seat42"));
  EXPECT_EQ(report.decision, Decision::admit);
  EXPECT_EQ(r.typed(), "seat42\n");
  EXPECT_EQ(r.lamp.shown, std::vector{Signal::admit});
  ASSERT_EQ(journalled().size(), 1U);
  EXPECT_EQ(journalled()[0].pass_id, "seat42");
  const json question = service_->asked.with([](const auto& all) { return all.at(0); });
  EXPECT_EQ(question.at("type"), "open_remote");
  EXPECT_EQ(question.at("service"), "cloud");
  EXPECT_EQ(question.at("template"), test::kRigTemplate);
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::already_redeemed);
}

TEST_F(RemoteKeys, AreAskedForWhenThePhoneMayLeave) {
  test::FlowRig& r = remote_rig();
  const auto phone = r.phone("seat42");
  WatchedField field(*phone);
  std::optional<std::size_t> asked_before;
  field.on_release = [&] { asked_before = service_->times_asked(); };
  r.flow("south-1")->visit(field, r.lamp);
  EXPECT_EQ(asked_before, 0U);
  EXPECT_EQ(service_->times_asked(), 1U);
}

TEST_F(RemoteKeys, ThatNobodyAnswersForReadNoPassAndLeaveTheReaderFree) {
  test::FlowRig& r = remote_rig({}, 50ms);
  service_->answers("nothing");
  const auto report = r.tap(*r.phone("seat42"));
  EXPECT_EQ(report.decision, Decision::deny);
  EXPECT_EQ(report.reason, Reason::remote_unavailable);
  EXPECT_FALSE(report.position);
  EXPECT_EQ(r.lamp.shown, std::vector{Signal::fault});
  service_.reset();
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::remote_unavailable);
  EXPECT_TRUE(journalled().empty());
  EXPECT_EQ(r.typed(), "");
}

TEST_F(RemoteKeys, AreAskedForAgainWhenSyncdWasStartedAgain) {
  test::FlowRig& r = remote_rig();
  EXPECT_EQ(r.tap(*r.phone("a")).reason, Reason::ok);
  service_.reset();
  start_service();
  EXPECT_EQ(r.tap(*r.phone("b")).reason, Reason::ok);
  service_.reset();
  EXPECT_EQ(r.tap(*r.phone("c")).reason, Reason::remote_unavailable);
  start_service();
  EXPECT_EQ(r.tap(*r.phone("c")).reason, Reason::ok);
}

TEST_F(RemoteKeys, ALateAnswerIsNotTakenForThatToTheNextPass) {
  test::FlowRig& r = remote_rig({}, 2s);
  service_->answers("nothing");
  EXPECT_EQ(r.tap(*r.phone("first")).reason, Reason::remote_unavailable);
  service_->answers({});
  service_->asked.with([](auto& all) { all.clear(); });
  const auto report = r.tap(*r.phone("second"));
  EXPECT_EQ(report.reason, Reason::ok);
  EXPECT_EQ(report.pass_id, "second");
  EXPECT_EQ(service_->times_asked(), 1U);
}

TEST_F(RemoteKeys, ThatDoNotFitAreUndecryptableAndRecorded) {
  test::FlowRig& r = remote_rig();
  for (const char* code :
       {"auth_failed", "unknown_key", "bad_point", "too_short", "short_plaintext"}) {
    service_->answers(error(code));
    EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::undecryptable) << code;
  }
  EXPECT_EQ(journalled().size(), 5U);
  EXPECT_EQ(journalled()[0].pass_id, "");
}

TEST_F(RemoteKeys, ThatAreRefusedOrAnsweredForWithNonsenseReadNoPass) {
  test::FlowRig& r = remote_rig();
  const json zero = {{"type", "opened"}, {"payload", "61"}, {"stamped_at", 0}};
  for (const json& answer :
       {error("rejected"), error("rate_limited"), error("not_listed"), error("no such code"),
        json{{"type", "opened"}}, json{{"type", "opened"}, {"payload", "zz"}}, zero,
        json{{"type", "opened"}, {"payload", std::string(131074, '6')}},
        json{{"type", "ok"}, {"payload", "61"}}}) {
    service_->answers(answer);
    EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::remote_unavailable)
        << answer.dump().substr(0, 80);
  }
  EXPECT_TRUE(journalled().empty());
}

TEST_F(RemoteKeys, OpenNoCryptogramTwice) {
  gate::PassPolicy reusable;
  reusable.uses.reset();
  test::FlowRig& r = remote_rig({.policy = reusable});
  const auto victim = r.phone("seat42");
  test::Replayer thief(*victim);
  EXPECT_EQ(r.tap(thief).reason, Reason::ok);
  EXPECT_EQ(r.tap(thief).reason, Reason::replayed);
  EXPECT_EQ(r.tap(*r.phone("old", {.stamp_skew = -700s})).reason, Reason::stale_stamp);
}

TEST_F(RemoteKeys, WithoutAStampAreGoodOnceADay) {
  gate::PassPolicy reusable;
  reusable.uses.reset();
  test::FlowRig& r = remote_rig({.policy = reusable, .log = runtime::Level::notice});
  service_->tells_stamp = false;
  const auto victim = r.phone("seat42");
  test::Replayer thief(*victim);
  testing::internal::CaptureStderr();
  EXPECT_EQ(r.tap(thief).reason, Reason::ok);
  r.flow("south-1");
  EXPECT_EQ(r.tap(*r.phone("other")).reason, Reason::ok);
  const std::string said = testing::internal::GetCapturedStderr();
  const auto at = said.find("freshness is not checked");
  EXPECT_THAT(said.substr(0, said.find('\n')), testing::HasSubstr("service=cloud"));
  ASSERT_NE(at, std::string::npos) << said;
  EXPECT_EQ(said.find("freshness is not checked", at + 1), std::string::npos) << said;
  // Far beyond twice max_skew_s.
  r.clock.time += 23h;
  EXPECT_EQ(r.tap(thief).reason, Reason::replayed);
}

TEST_F(RemoteKeys, ThatAreAwayDoNotKeepAnotherPassOut) {
  test::FlowRig& r =
      remote_rig({.pattern = "^(?P<pass_id>t[0-9]+)$", .second_pattern = "^(?P<pass_id>u[0-9]+)$"});
  service_->answers(error("unreachable"));
  const auto report = r.tap(*r.phone("u1"));
  EXPECT_EQ(report.reason, Reason::ok);
  EXPECT_EQ(report.pass_template, test::kRigSecondTemplate);
  EXPECT_EQ(r.tap(*r.phone("t1")).reason, Reason::remote_unavailable);
  EXPECT_EQ(journalled().size(), 1U);
}

TEST_F(RemoteKeys, ThatAreAwayAreNotTakenForAWrongPass) {
  test::FlowRig& r = remote_rig({.pattern = "^(?P<pass_id>t[0-9]+)$",
                                 .second_pattern = "^(?P<pass_id>u[0-9]+)$",
                                 .remote_template = 1});
  EXPECT_EQ(r.tap(*r.phone("u1")).reason, Reason::ok);
  service_.reset();
  EXPECT_EQ(r.tap(*r.phone("t1")).reason, Reason::ok);
  // "wrong_template" is what our own keys say of it.
  EXPECT_EQ(r.tap(*r.phone("u2")).reason, Reason::remote_unavailable);
  EXPECT_EQ(journalled().size(), 2U);
}

TEST_F(RemoteKeys, AtATillThatAreAwayTypeNothing) {
  test::FlowRig& r = remote_rig({.wedge = true});
  EXPECT_EQ(r.tap(*r.phone("seat42")).decision, Decision::read);
  service_.reset();
  EXPECT_EQ(r.tap(*r.phone("seat42")).reason, Reason::remote_unavailable);
  EXPECT_EQ(r.typed(), "seat42\n");
  EXPECT_EQ(journalled().size(), 1U);
}

TEST(RemoteTerms, NeedNoKeyHereAndAskAppleAllTheSame) {
  runtime::Config config;
  config.decrypt_services.push_back({.name = "cloud", .url = {}, .account_id = {}, .api_key = {}});
  config.passes.push_back({.name = "ticket",
                           .provider = {},
                           .pass_template = "ptk",
                           .pattern = "^(?P<pass_id>.+)$",
                           .type = {},
                           .display = {},
                           .apple = runtime::AppleConfig{.pass_type_id = "pass.com.example.ticket",
                                                         .keys = {},
                                                         .remote = "cloud",
                                                         .signup_url = {}},
                           .google = {},
                           .zones = {}});
  const auto terms = daemon::load_pass_terms(config, {});
  ASSERT_TRUE(terms) << terms.error();
  const daemon::PassTerms& one = terms->front();
  EXPECT_FALSE(one.apple_keys);
  ASSERT_TRUE(one.merchant());
  EXPECT_EQ(*one.merchant(), crypto::merchant_hash(PassTypeId("pass.com.example.ticket")));
  EXPECT_EQ(one.apple_remote->service->name, "cloud");
  EXPECT_EQ(one.apple_remote->service->budget, 1700ms);
  config.decrypt_services.clear();
  EXPECT_FALSE(daemon::load_pass_terms(config, {}));
}

}  // namespace
}  // namespace passgate
