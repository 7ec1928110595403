// SPDX-License-Identifier: Apache-2.0
#include "sync/service/acceptor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>

namespace passgate::sync {

namespace {

/// Without descriptors left accept(2) fails at once, again and again.
constexpr int kPauseMs = 100;
/// Of one socket, before the others have their turn.
constexpr int kAcceptsPerRound = 16;

/// False: it cannot accept now, and trying again at once would not help.
bool accept_some(int socket, const Acceptor::Take& take) {
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    auto* const address = reinterpret_cast<sockaddr*>(&peer);
    runtime::FileDescriptor connection(
        ::accept4(socket, address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.get() >= 0) {
      take(std::move(connection), address, size);
      continue;
    }
    const int why = errno;
    if (why == EAGAIN) return true;
    if (why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM) return false;
    // Anything else is of the one connection: it went before it was taken.
  }
  return true;
}

}  // namespace

Acceptor::Acceptor(std::span<const int> sockets, Take take)
    : sockets_(sockets.begin(), sockets.end()),
      take_(std::move(take)),
      stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

Acceptor::~Acceptor() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void Acceptor::run() {
  std::vector<pollfd> waiting{{stop_.get(), POLLIN, 0}};
  for (const int socket : sockets_) {
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
    waiting.push_back({socket, POLLIN, 0});
  }
  bool able = true;
  for (;;) {
    // Unable, only the end is waited for.
    ::poll(waiting.data(), able ? waiting.size() : 1, able ? -1 : kPauseMs);
    if (waiting.front().revents != 0) return;
    const bool was_able = std::exchange(able, true);
    for (std::size_t i = 1; i < waiting.size(); ++i) {
      if (was_able && waiting[i].revents == 0) continue;
      able = accept_some(waiting[i].fd, take_) && able;
    }
  }
}

}  // namespace passgate::sync
