// SPDX-License-Identifier: Apache-2.0
// Texts for a till on another machine, over real TCP.
#include "sync/till_link.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/rig/till.h"

namespace passgate::sync {
namespace {

using runtime::Message;
using test::Till;

class TillLinkTest : public ::testing::Test {
 protected:
  TillLink& link_to(std::uint16_t port, const std::string& host = "127.0.0.1") {
    link_.emplace(runtime::TcpPlace{.host = host, .port = port}, log_);
    link_->start([this] {
      const std::lock_guard lock(mutex_);
      ++answers_;
      changed_.notify_all();
    });
    return *link_;
  }
  /// One text, as passgated's socket would bring it. @return "typed" or the error.
  std::string type(const std::string& text, TillLink::ClientId client = 1) {
    if (const auto refused = link_->ask(client, {{"type", "type"}, {"text", text}})) {
      return refused->at("error");
    }
    return answer();
  }
  std::string answer() {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return answers_ > 0; })) {
        return "nothing";
      }
      --answers_;
    }
    const auto taken = link_->take();
    if (!taken) return "nothing to take";
    return taken->second.value("error", taken->second.value("type", ""));
  }
  /// Until the status says so. False after 20 s.
  bool becomes(const std::string& state) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (link_->status().at("state") != state) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  /// A port that nobody listens at.
  static std::uint16_t dead_port() { return Till().port(); }

  runtime::Log log_{false, runtime::Level::error};
  std::mutex mutex_;
  std::condition_variable changed_;
  int answers_ = 0;
  std::optional<TillLink> link_;
};

TEST_F(TillLinkTest, SendsEachTextWholeOnOneConnection) {
  Till till;
  link_to(till.port());
  EXPECT_EQ(type("seat42\r"), "typed");
  EXPECT_EQ(type("Größe 7\r"), "typed");
  EXPECT_EQ(till.wait_for("seat42\rGröße 7\r"), "seat42\rGröße 7\r");
  EXPECT_EQ(till.connections(), 1U);
  EXPECT_EQ(link_->status().at("state"), "connected");
}

TEST_F(TillLinkTest, IsConnectedBeforeTheFirstText) {
  Till till;
  link_to(till.port());
  EXPECT_TRUE(till.wait_for_connections(1));
  EXPECT_TRUE(becomes("connected"));
}

TEST_F(TillLinkTest, FindsATillByItsName) {
  Till till;
  link_to(till.port(), "localhost");
  ASSERT_TRUE(becomes("connected"));
  EXPECT_EQ(type("seat42\r"), "typed");
}

TEST_F(TillLinkTest, ConnectsAgainWhenTheTillWasSwitchedOffAndOn) {
  std::optional<Till> till(std::in_place);
  const auto port = till->port();
  link_to(port);
  EXPECT_EQ(type("first\r"), "typed");
  till.reset();
  till.emplace(Till::Options{.port = port});
  EXPECT_EQ(type("second\r"), "typed");
  EXPECT_EQ(till->wait_for("second\r"), "second\r");
}

TEST_F(TillLinkTest, SaysWhenTheTillIsGoneAndWhenItIsBack) {
  std::optional<Till> till(std::in_place);
  const auto port = till->port();
  link_to(port);
  EXPECT_EQ(type("first\r"), "typed");
  till.reset();
  EXPECT_TRUE(becomes("unreachable"));
  EXPECT_EQ(type("lost\r"), "unreachable");
  EXPECT_NE(link_->status().at("last_error"), "");
  till.emplace(Till::Options{.port = port});
  EXPECT_TRUE(becomes("connected")) << "without a text";
  EXPECT_EQ(type("third\r"), "typed");
  EXPECT_EQ(till->wait_for("third\r"), "third\r") << "and nothing of what was lost";
}

TEST_F(TillLinkTest, TakesBackATextThatTheTillDoesNotRead) {
  Till till({.reads = false, .receive_buffer = 1});
  link_to(till.port());
  EXPECT_EQ(type(std::string(4096, 'x')), "deadline_exceeded");
  const auto rest = till.read_on();
  EXPECT_TRUE(rest.reset) << "no orderly end of a text that is none";
  EXPECT_LT(rest.text.size(), 4096U);
}

TEST_F(TillLinkTest, HasOneTextAtATime) {
  Till till({.reads = false, .receive_buffer = 1});
  link_to(till.port());
  ASSERT_FALSE(link_->ask(1, {{"type", "type"}, {"text", std::string(4096, 'x')}}));
  EXPECT_EQ(type("seat42\r", 2), "rate_limited");
  EXPECT_EQ(answer(), "deadline_exceeded");
  EXPECT_NE(type(std::string(4096, 'x'), 2), "rate_limited") << "the first is over";
}

TEST_F(TillLinkTest, RefusesWhatIsNoText) {
  link_to(dead_port());
  EXPECT_EQ(type(""), "bad_value");
  EXPECT_EQ(type(std::string(4097, 'x')), "too_large");
  EXPECT_EQ(type("seat42"), "unreachable");
  EXPECT_THROW(link_->ask(1, {{"type", "type"}}), nlohmann::json::exception);
}

TEST_F(TillLinkTest, TypesNothingWhereNoTillIsConfigured) {
  TillLink none(std::nullopt, log_);
  none.start([] {});
  EXPECT_EQ(none.ask(1, {{"type", "type"}, {"text", "seat42"}})->at("error"), "bad_value");
  EXPECT_TRUE(none.status().is_null());
}

TEST_F(TillLinkTest, SaysThatANameHasNoAddress) {
  link_to(4711, "till.invalid");
  EXPECT_EQ(type("seat42\r"), "unreachable");
  EXPECT_EQ(link_->status().at("last_error"), "the name has no address");
}

}  // namespace
}  // namespace passgate::sync
