// SPDX-License-Identifier: Apache-2.0
#include "sync/name_lookup.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace passgate::sync {
namespace {

std::vector<SocketAddress> look_up(const std::string& host, std::uint16_t port, int flags) {
  ::addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  ::addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0) return {};
  const std::unique_ptr<::addrinfo, void (*)(::addrinfo*)> owner(list, &::freeaddrinfo);
  std::vector<SocketAddress> found;
  for (const ::addrinfo* one = list; one != nullptr && found.size() < NameLookup::kMost;
       one = one->ai_next) {
    if (one->ai_addrlen > sizeof(::sockaddr_storage)) continue;
    SocketAddress& address = found.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  return found;
}

}  // namespace

/// Shared with the thread that asks, which may outlive the lookup.
struct NameLookup::State {
  const std::string host;
  const std::uint16_t port;
  mutable std::mutex mutex;
  std::vector<SocketAddress> addresses;
  bool asking = false;
  bool gone = false;
};

NameLookup::NameLookup(std::string host, std::uint16_t port)
    : state_(new State{.host = std::move(host), .port = port, .addresses = {}}) {
  state_->addresses = look_up(state_->host, state_->port, AI_NUMERICHOST);
}

NameLookup::~NameLookup() {
  const std::lock_guard lock(state_->mutex);
  state_->gone = true;
}

void NameLookup::refresh(std::function<void()> on_answer) {
  {
    const std::lock_guard lock(state_->mutex);
    if (std::exchange(state_->asking, true)) return;
  }
  std::thread([state = state_, on_answer = std::move(on_answer)] {
    auto found = look_up(state->host, state->port, 0);
    const std::lock_guard lock(state->mutex);
    state->asking = false;
    if (!found.empty()) state->addresses = std::move(found);
    if (!state->gone) on_answer();
  }).detach();
}

std::vector<SocketAddress> NameLookup::addresses() const {
  const std::lock_guard lock(state_->mutex);
  return state_->addresses;
}

}  // namespace passgate::sync
