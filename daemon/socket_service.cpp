// SPDX-License-Identifier: Apache-2.0
#include "daemon/socket_service.h"

#include <algorithm>
#include <string>

namespace passgate::daemon {
namespace {

using nlohmann::json;

std::optional<std::uint64_t> number(const json& message, const char* key) {
  const auto found = message.find(key);
  if (found == message.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

json error_message(Errc code) {
  return {{"type", "error"}, {"error", name(code)}};
}

json answer_or_error(Result<json> answer) {
  return answer ? std::move(*answer) : error_message(answer.error().code());
}

json without_taps(json state) {
  for (json& reader : state.at("readers")) {
    if (reader.at("state") == "in_tap") reader["state"] = "idle";
  }
  return state;
}

json taps_message(const std::vector<gate::TapRecord>& records) {
  json taps = json::array();
  for (const gate::TapRecord& record : records) taps.push_back(gate::to_json(record));
  const std::uint64_t last = records.empty() ? 0 : records.back().position;
  return {{"type", "taps"}, {"taps", std::move(taps)}, {"last", last}};
}

}  // namespace

SocketService::SocketService(gate::Journal& journal, LiveFeed& feed, const runtime::Log& log,
                             Sources sources)
    : journal_(journal), feed_(feed), log_(log), sources_(std::move(sources)) {}

void SocketService::on_message(runtime::SocketServer& server, std::size_t listener, ClientId client,
                               const runtime::Message& message) {
  const auto& type = message.at("type").get_ref<const std::string&>();
  const bool known = (listener == kCore && answer_core(server, client, type, message)) ||
                     answer_anybody(server, client, type, message);
  if (!known) server.send(client, error_message(Errc::bad_value));
}

bool SocketService::answer_core(runtime::SocketServer& server, ClientId client,
                                const std::string& type, const runtime::Message& message) {
  if (type == "subscribe") {
    const auto after = number(message, "after");
    if (!after) return false;
    // Asked to go on after what this journal never held: it was replaced, or
    // restored from a backup. The subscriber must know, or it would miss taps.
    if (*after > journal_.last_position().value_or(*after)) {
      server.send(client, error_message(Errc::out_of_sequence));
      return true;
    }
    subscribers_[client] = *after;
    stream(server, client);
    return true;
  }
  if (type == "ack") {
    const auto position = number(message, "position");
    if (!position) return false;
    if (const Status done = journal_.acknowledge(*position); !done) {
      log_(runtime::Level::warning, "an acknowledgement was not kept", done.error());
    }
    return true;
  }
  if (type == "open") {
    server.send(client, answer_or_error(sources_.open(message)));
    return true;
  }
  return false;
}

bool SocketService::answer_anybody(runtime::SocketServer& server, ClientId client,
                                   const std::string& type, const runtime::Message& message) {
  if (type == "status") {
    server.send(client, sources_.status());
    return true;
  }
  if (type == "taps") {
    const std::size_t limit = std::min<std::size_t>(number(message, "limit").value_or(20), kBatch);
    const auto after = number(message, "after");
    send_taps(server, client, after ? journal_.read_after(*after, limit) : journal_.newest(limit));
    return true;
  }
  if (type == "follow") {
    follow(server, client);
    return true;
  }
  if (type == "merge") {
    server.send(client, answer_or_error(sources_.merge(message)));
    return true;
  }
  if (type == "pass") {
    server.send(client, answer_or_error(sources_.pass(message)));
    return true;
  }
  if (type == "override" || type == "undo") {
    server.send(client, answer_or_error(sources_.act(message)));
    return true;
  }
  return false;
}

void SocketService::follow(runtime::SocketServer& server, ClientId client) {
  json state = sources_.state();
  // Whoever was told another one before hears of the change with everybody else.
  if (watchers_.empty()) {
    told_ = without_taps(state);
    told_at_ = std::chrono::steady_clock::now();
  }
  watchers_[client] = feed_.next();
  server.send(client, {{"type", "following"}, {"state", std::move(state)}});
}

/// A reader that is in a tap is no news: the tap itself is.
void SocketService::tell_state(runtime::SocketServer& server) {
  if (watchers_.empty()) return;
  const MonoTime now = std::chrono::steady_clock::now();
  json state = sources_.state();
  json news = without_taps(state);
  if (news == told_ && now - told_at_ < kStatePause) return;
  told_ = std::move(news);
  told_at_ = now;
  const json message = {{"type", "state"}, {"state", std::move(state)}};
  for (const auto& [client, number] : watchers_) server.send(client, message);
}

void SocketService::on_closed(ClientId client) {
  subscribers_.erase(client);
  watchers_.erase(client);
}

void SocketService::on_wake(runtime::SocketServer& server) {
  for (const auto& [client, position] : std::map(subscribers_)) stream(server, client);
  for (const auto& [client, number] : std::map(watchers_)) show(server, client);
  tell_state(server);
}

void SocketService::on_drained(runtime::SocketServer& server, ClientId client) {
  if (subscribers_.contains(client)) stream(server, client);
}

/// One batch at a time: the next goes out when this one has, so that a slow
/// subscriber costs one batch of memory, however long the journal is.
void SocketService::stream(runtime::SocketServer& server, ClientId client) {
  if (server.backlog(client) > 0) return;
  std::uint64_t& position = subscribers_[client];
  const auto records = journal_.read_after(position, kBatch);
  if (records && records->empty()) return;
  if (records) position = records->back().position;
  send_taps(server, client, records);
}

void SocketService::show(runtime::SocketServer& server, ClientId client) {
  auto [reports, next] = feed_.since(watchers_[client]);
  watchers_[client] = next;
  for (json& report : reports) {
    server.send(client, {{"type", "tap"}, {"tap", std::move(report)}});
  }
}

void SocketService::send_taps(runtime::SocketServer& server, ClientId client,
                              const Result<std::vector<gate::TapRecord>>& records) {
  if (records) return server.send(client, taps_message(*records));
  log_(runtime::Level::error, "the journal cannot be read", records.error());
  server.send(client, error_message(records.error().code()));
}

}  // namespace passgate::daemon
