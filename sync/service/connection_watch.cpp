// SPDX-License-Identifier: Apache-2.0
#include "sync/service/connection_watch.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace passgate::sync {

namespace {

using Phase = ConnectionWatch::Connection::Phase;

MonoTime mono_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

ConnectionWatch::ConnectionWatch(const Limits& limits, bool say_timeout)
    : limits_(limits), say_timeout_(say_timeout), thread_([this] { run(); }) {}

ConnectionWatch::~ConnectionWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_bell_.notify_all();
  thread_.join();
}

bool ConnectionWatch::reserve() {
  const std::lock_guard lock(mutex_);
  const std::size_t most = std::size_t{limits_.served} + limits_.refused;
  if (connections_.size() + reserved_ >= most) return false;
  ++reserved_;
  return true;
}

void ConnectionWatch::give_back() {
  const std::lock_guard lock(mutex_);
  --reserved_;
}

ConnectionWatch::Connection& ConnectionWatch::opened(int fd) {
  const std::lock_guard lock(mutex_);
  --reserved_;
  const bool one_too_many = connections_.size() >= limits_.served;
  return connections_.emplace_back(Connection{
      .fd = fd, .one_too_many = one_too_many, .phase = Phase::head, .since = mono_now()});
}

void ConnectionWatch::closed(Connection& connection) {
  const std::lock_guard lock(mutex_);
  connections_.remove_if([&](const Connection& one) { return &one == &connection; });
}

void ConnectionWatch::head_came(Connection& connection, std::string late_answer) {
  const std::lock_guard lock(mutex_);
  if (connection.phase != Phase::head) return;
  connection.phase = Phase::body;
  connection.late_answer = std::move(late_answer);
  connection.since = mono_now();
}

bool ConnectionWatch::refuse_body(Connection& connection, std::string_view answer) {
  const std::lock_guard lock(mutex_);
  if (!say_timeout_ || connection.phase != Phase::body) return false;
  (void)::send(connection.fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(connection.fd, SHUT_WR);
  connection.late_answer.clear();
  return true;
}

bool ConnectionWatch::may_answer(Connection& connection) {
  const std::lock_guard lock(mutex_);
  if (connection.phase == Phase::cut) return false;
  connection.phase = Phase::answer;
  return true;
}

void ConnectionWatch::answered(Connection& connection) {
  const std::lock_guard lock(mutex_);
  if (connection.phase == Phase::cut) return;
  connection.phase = Phase::head;
  connection.since = mono_now();
}

void ConnectionWatch::run() {
  const auto pause = std::max(std::min(limits_.head_time, limits_.body_time) / 8, Milliseconds{10});
  std::unique_lock lock(mutex_);
  while (!stop_bell_.wait_for(lock, pause, [this] { return stopped_; })) {
    cut_late_ones(mono_now());
  }
}

void ConnectionWatch::cut_late_ones(MonoTime now) {
  for (auto& connection : connections_) {
    const bool body = connection.phase == Phase::body;
    if (!body && connection.phase != Phase::head) continue;
    if (now - connection.since < (body ? limits_.body_time : limits_.head_time)) continue;
    connection.phase = Phase::cut;
    // Nobody else writes in this phase. Who closes the socket is the server, as
    // soon as it sees the end of it.
    if (body && say_timeout_) {
      const auto& text = connection.late_answer;
      (void)::send(connection.fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    ::shutdown(connection.fd, SHUT_RDWR);
  }
}

}  // namespace passgate::sync
