// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/system_clock.h"
#include "sync/service/http_face.h"
#include "sync/service/http_site.h"
#include "tests/sim/http_client.h"
#include "tests/sync/fake_core.h"
#include "tests/sync/kit.h"
#include "tests/sync/raw_peer.h"

namespace passgate::sync::test {

using Headers = std::vector<std::string>;

/// A client of each role: its account is the role's name, its key that with "-key".
inline Headers as(const std::string& role) {
  if (role.empty()) return {};
  return {"X-ACCOUNT-ID: " + role, "X-API-KEY: " + role + "-key"};
}

/// One server-sent event.
struct Event {
  std::string type;
  std::string id;
  nlohmann::json data;
};

/// Somebody who watches the stream.
class Watcher {
 public:
  Watcher(std::uint16_t port, const std::string& target, const Headers& headers) : peer_(port) {
    // HTTP/1.0 has no chunks: what comes is the stream itself.
    auto text = "GET " + target + " HTTP/1.0\r\nHost: localhost\r\n";
    for (const auto& header : headers) text += header + "\r\n";
    peer_.say(text + "\r\n");
    head_ = peer_.take_until("\r\n\r\n").value_or("");
  }
  const std::string& head() const { return head_; }
  /// The next event; one without type when the stream has ended.
  Event next() {
    Event event;
    const auto text = peer_.take_until("\n\n").value_or("");
    std::size_t from = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
      const auto line = text.substr(from, end - from);
      from = end + 1;
      if (line.starts_with("event: ")) event.type = line.substr(7);
      if (line.starts_with("id: ")) event.id = line.substr(4);
      if (line.starts_with("retry: ")) retry_ = line.substr(7);
      if (line.starts_with("data: ")) event.data = nlohmann::json::parse(line.substr(6));
    }
    return event.type.empty() && !text.empty() ? next() : event;
  }
  /// The next event of that type.
  Event next(const std::string& type) {
    for (;;) {
      auto event = next();
      if (event.type == type || event.type.empty()) return event;
    }
  }
  /// The next state in which passgated is "connected" or "absent".
  nlohmann::json state(const std::string& core) {
    for (;;) {
      auto event = next("state");
      if (event.type.empty() || event.data["core"] == core) return event.data;
    }
  }
  const std::string& retry() const { return retry_; }

 private:
  RawPeer peer_;
  std::string head_;
  std::string retry_;
};

/// The whole HTTP face of passgate-syncd on a loopback port, over a passgated that
/// does as it is told.
struct SiteFixture : ::testing::Test {
  TempDir folder;
  runtime::SystemClock clock;
  SteadyWall times{clock};
  runtime::Log log{false, runtime::Level::error};
  runtime::FileDescriptor stop_fd{::eventfd(0, EFD_CLOEXEC)};
  std::optional<Outbox> outbox = std::move(Outbox::open(folder / "outbox.db").value());
  DeliveriesService deliveries{
      {.outbox = *outbox, .clock = clock, .times = times, .on_jobs = [] {}}};
  std::optional<PushRoute> pushes;
  std::unique_ptr<FakeCore> core;
  std::optional<HttpSite> site;
  std::optional<HttpFace> face;
  std::thread thread;

  std::filesystem::path core_sock() const { return folder / "run/core/core.sock"; }
  void start_core(std::vector<gate::TapRecord> journal = {}) {
    std::filesystem::create_directories(folder / "run/core");
    core = std::make_unique<FakeCore>(core_sock(), std::move(journal));
  }
  runtime::Config config() const {
    runtime::Config config;
    config.terminal.runtime_dir = folder / "run";
    config.readers.emplace_back().name = "north-1";
    config.readers.emplace_back().name = "north-2";
    return config;
  }
  static std::vector<ClientTerms> clients() {
    std::vector<ClientTerms> clients;
    for (const auto& [name, role] :
         {std::pair{"decrypt", Role::decrypt}, std::pair{"display", Role::display},
          std::pair{"operator", Role::operate}, std::pair{"metrics", Role::metrics}}) {
      clients.push_back({.account_id = name,
                         .api_key = secret(std::string(name) + "-key"),
                         .roles = {role},
                         .templates = {}});
    }
    return clients;
  }
  void serve() {
    pushes.emplace(PushRoute::Readers{}, PushRoute::Deps{*outbox, clock, times, {}});
    site.emplace(config(), clients(), std::vector<std::string>{"localhost", "127.0.0.1"},
                 HttpSite::Parts{.pushes = *pushes,
                                 .deliveries = deliveries,
                                 .status = [] { return nlohmann::json{{"type", "status"}}; },
                                 .clock = clock,
                                 .log = log,
                                 .random = [] { return 0.0; }},
                 stop_fd.get());
    HttpFace::Settings settings;
    settings.listen = {"127.0.0.1:0"};
    settings.refuse = [this](const HttpAsk& ask, int status, std::string_view detail) {
      return site->refuse(ask, status, detail);
    };
    auto started = HttpFace::start(std::move(settings),
                                   [this](const HttpAsk& ask) { return site->answer(ask); });
    ASSERT_TRUE(started) << started.error();
    face.emplace(std::move(*started));
    thread = std::thread([this] { site->run(); });
  }
  void SetUp() override {
    start_core();
    serve();
    ASSERT_TRUE(core->wait_for_followers(1));
  }
  void TearDown() override {
    face.reset();
    ASSERT_EQ(::eventfd_write(stop_fd.get(), 1), 0);
    if (thread.joinable()) thread.join();
  }
  std::string url(const std::string& target) const {
    return fmt::format("http://127.0.0.1:{}{}", face->ports().at(0), target);
  }
  sim::test::Reply get(const std::string& target, const Headers& headers) const {
    return sim::test::ask("GET", url(target), headers);
  }
  Watcher watch(const Headers& headers = {}, const std::string& query = "") const {
    return {face->ports().at(0), "/v1/taps/stream" + query, headers};
  }
};

}  // namespace passgate::sync::test
