// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/fake_core.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace passgate::sync::test {

using runtime::Message;
using runtime::SocketServer;

Message report_of(const gate::TapRecord& tap) {
  auto report = gate::to_json(tap);
  for (const char* kept_back : {"boot_id", "monotonic_ns", "clock", "terminal", "provider"}) {
    report.erase(kept_back);
  }
  report["display"] = {{"seat", "12A"}};
  report["typed"] = "nothing";
  report["stages_us"] = {{"own", 900}};
  return report;
}

struct FakeCore::Service final : SocketServer::Service {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<gate::TapRecord> journal;
  std::vector<Message> to_say;
  std::vector<std::uint64_t> subscriptions;
  std::uint64_t acknowledged = 0;
  std::optional<SocketServer::ClientId> client;
  std::uint64_t sent = 0;
  std::map<SocketServer::ClientId, std::size_t> followers;  ///< Reports each was told.
  std::vector<Message> reports;
  Message state = {{"readers", {{{"reader", "north-1"}, {"pcsc", "ACS 00"}, {"state", "idle"}}}},
                   {"pcsc", true},
                   {"journal", "healthy"},
                   {"clock", "synchronised"}};
  bool state_is_new = false;
  std::map<std::string, Message> answers = {{"status", {{"type", "status"}, {"version", "test"}}}};
  std::map<std::string, Message> questions;
  std::function<void(const Message&)> before_taps;

  void inform(SocketServer& server) {
    for (auto& [follower, told] : followers) {
      if (state_is_new) server.send(follower, {{"type", "state"}, {"state", state}});
      while (told < reports.size()) {
        server.send(follower, {{"type", "tap"}, {"tap", reports[told++]}});
      }
    }
    state_is_new = false;
  }
  void call_before_taps(const Message& message) {
    std::function<void(const Message&)> call;
    {
      const std::lock_guard lock(mutex);
      call = before_taps;
    }
    if (call) call(message);
  }
  Message taps_of(const Message& question) const {
    const std::size_t limit = question.value("limit", 20U);
    Message taps = Message::array();
    if (question.contains("after")) {
      const std::uint64_t after = question["after"];
      for (const auto& tap : journal) {
        if (tap.position > after && taps.size() < limit) taps.push_back(gate::to_json(tap));
      }
    } else {
      const auto from = journal.size() - std::min(limit, journal.size());
      for (auto i = from; i < journal.size(); ++i) taps.push_back(gate::to_json(journal[i]));
    }
    return {{"type", "taps"}, {"taps", taps}};
  }

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
    const std::string type = message["type"];
    if (type == "taps") call_before_taps(message);
    const std::lock_guard lock(mutex);
    questions[type] = message;
    if (type == "follow") {
      followers[from] = reports.size();
      server.send(from, {{"type", "following"}, {"state", state}});
    } else if (type == "taps") {
      server.send(from, taps_of(message));
    } else if (answers.contains(type)) {
      server.send(from, answers[type]);
    } else if (message["type"] == "subscribe") {
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
    followers.erase(which);
    changed.notify_all();
  }
  void on_wake(SocketServer& server) override {
    const std::lock_guard lock(mutex);
    stream(server);
    inform(server);
  }
  void on_drained(SocketServer&, SocketServer::ClientId) override {}

  template <class F>
  bool wait(F&& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), condition);
  }
};

FakeCore::FakeCore(const std::filesystem::path& socket, std::vector<gate::TapRecord> journal)
    : service_(std::make_unique<Service>()),
      server_(std::move(SocketServer::bind({socket}, {}).value())) {
  service_->journal = std::move(journal);
  thread_ = std::thread([this] { server_->run(*service_); });
}

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

void FakeCore::happen(const gate::TapRecord& tap) {
  {
    const std::lock_guard lock(service_->mutex);
    service_->journal.push_back(tap);
    service_->reports.push_back(report_of(tap));
  }
  server_->wake();
}

void FakeCore::tell(Message report) {
  {
    const std::lock_guard lock(service_->mutex);
    service_->reports.push_back(std::move(report));
  }
  server_->wake();
}

void FakeCore::become(Message state) {
  {
    const std::lock_guard lock(service_->mutex);
    service_->state = std::move(state);
    service_->state_is_new = true;
  }
  server_->wake();
}

void FakeCore::answer_with(const std::string& type, Message answer) {
  const std::lock_guard lock(service_->mutex);
  service_->answers[type] = std::move(answer);
}

void FakeCore::before_taps(std::function<void(const Message&)> call) {
  const std::lock_guard lock(service_->mutex);
  service_->before_taps = std::move(call);
}

bool FakeCore::wait_for_followers(std::size_t count) {
  return service_->wait([&] { return service_->followers.size() >= count; });
}

Message FakeCore::last_question(const std::string& type) {
  const std::lock_guard lock(service_->mutex);
  return service_->questions[type];
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
