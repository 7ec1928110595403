// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/fake_core.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace passgate::sync::test {

using runtime::Message;
using runtime::SocketServer;

struct FakeCore::Service final : SocketServer::Service {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<gate::TapRecord> journal;
  std::vector<Message> to_say;
  std::vector<std::uint64_t> subscriptions;
  std::uint64_t acknowledged = 0;
  std::optional<SocketServer::ClientId> client;
  std::uint64_t sent = 0;

  void stream(SocketServer& server) {
    if (!client) return;
    for (auto& message : to_say) server.send(*client, message);
    to_say.clear();
    Message taps = Message::array();
    for (const auto& tap : journal) {
      if (tap.position <= sent) continue;
      taps.push_back(gate::to_json(tap));
      sent = tap.position;
    }
    if (!taps.empty()) server.send(*client, {{"type", "taps"}, {"taps", taps}, {"last", sent}});
  }
  void on_message(SocketServer& server, std::size_t, SocketServer::ClientId from,
                  const Message& message) override {
    const std::lock_guard lock(mutex);
    if (message["type"] == "subscribe") {
      client = from;
      sent = message["after"];
      subscriptions.push_back(sent);
      stream(server);
    } else if (message["type"] == "ack") {
      acknowledged = message["position"];
    }
    changed.notify_all();
  }
  void on_closed(SocketServer::ClientId which) override {
    const std::lock_guard lock(mutex);
    if (client == which) client.reset();
  }
  void on_wake(SocketServer& server) override {
    const std::lock_guard lock(mutex);
    stream(server);
  }
  void on_drained(SocketServer&, SocketServer::ClientId) override {}

  template <class F>
  bool wait(F&& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), condition);
  }
};

FakeCore::FakeCore(const std::filesystem::path& socket)
    : service_(std::make_unique<Service>()),
      server_(std::move(SocketServer::bind({socket}, {}).value())),
      thread_([this] { server_->run(*service_); }) {}

FakeCore::~FakeCore() {
  server_->stop();
  thread_.join();
}

void FakeCore::record(std::vector<gate::TapRecord> taps) {
  {
    const std::lock_guard lock(service_->mutex);
    std::ranges::move(taps, std::back_inserter(service_->journal));
  }
  server_->wake();
}

void FakeCore::say(Message message) {
  {
    const std::lock_guard lock(service_->mutex);
    service_->to_say.push_back(std::move(message));
  }
  server_->wake();
}

bool FakeCore::wait_for_ack(std::uint64_t position) {
  return service_->wait([&] { return service_->acknowledged >= position; });
}

std::uint64_t FakeCore::subscription(std::size_t number) {
  return service_->wait([&] { return service_->subscriptions.size() >= number; })
             ? service_->subscriptions[number - 1]
             : ~std::uint64_t{0};
}

}  // namespace passgate::sync::test
