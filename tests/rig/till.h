// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/require.h"
#include "runtime/unix_socket.h"

namespace passgate::test {

/// A till that takes text over TCP, on loopback: what arrives is appended.
class Till {
 public:
  struct Options {
    std::uint16_t port = 0;  ///< 0: any.
    bool reads = true;       ///< Else it accepts, and lets everything wait.
    int receive_buffer = 0;  ///< SO_RCVBUF, for one that lets little wait; 0: the system's.
  };
  explicit Till(Options options) : reads_(options.reads), stop_(::eventfd(0, EFD_CLOEXEC)) {
    listener_ = runtime::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    PG_REQUIRE(::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    if (options.receive_buffer > 0) {
      PG_REQUIRE(::setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer,
                              sizeof options.receive_buffer) == 0);
    }
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<::sockaddr*>(&address);
    PG_REQUIRE(::bind(listener_.get(), raw, size) == 0 && ::listen(listener_.get(), 4) == 0 &&
               ::getsockname(listener_.get(), raw, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  Till() : Till(Options{}) {}
  /// Switched off: its connections end.
  ~Till() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  Till(const Till&) = delete;
  Till& operator=(const Till&) = delete;

  std::uint16_t port() const { return port_; }
  /// Until all that arrived is `text`, at most 20 s. @return What did.
  std::string wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return got_ == text; });
    return got_;
  }
  /// Until somebody has connected so many times. False after 20 s.
  bool wait_for_connections(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return connections_.size() >= count; });
  }
  std::size_t connections() {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }
  /// Reads the rest of the first connection to its end. @return Whether it ended
  /// by a reset, and what came.
  struct Rest {
    bool reset = false;
    std::string text;
  };
  Rest read_on() {
    int fd = -1;
    {
      const std::lock_guard lock(mutex_);
      PG_REQUIRE(!connections_.empty());
      fd = connections_.front().get();
    }
    Rest rest;
    char part[4096];
    for (;;) {
      const ssize_t got = ::recv(fd, part, sizeof part, 0);
      if (got <= 0) return {.reset = got < 0, .text = rest.text};
      rest.text.append(part, static_cast<std::size_t>(got));
    }
  }

 private:
  void run() {
    for (;;) {
      std::vector<::pollfd> waiting{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      if (reads_ && open_) waiting.push_back({connections_.back().get(), POLLIN, 0});
      ::poll(waiting.data(), waiting.size(), -1);
      if (waiting[0].revents != 0) return;
      if (waiting.size() == 3 && waiting[2].revents != 0) read();
      if (waiting[1].revents == 0) continue;
      const std::lock_guard lock(mutex_);
      connections_.emplace_back(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      open_ = true;
      changed_.notify_all();
    }
  }
  void read() {
    char part[4096];
    const ssize_t got = ::recv(connections_.back().get(), part, sizeof part, MSG_DONTWAIT);
    if (got <= 0) {
      open_ = false;
      return;
    }
    const std::lock_guard lock(mutex_);
    got_.append(part, static_cast<std::size_t>(got));
    changed_.notify_all();
  }

  const bool reads_;
  runtime::FileDescriptor stop_;
  runtime::FileDescriptor listener_;
  std::uint16_t port_ = 0;
  bool open_ = false;  ///< The thread's own: whether the last connection is.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<runtime::FileDescriptor> connections_;
  std::string got_;
  std::thread thread_;
};

}  // namespace passgate::test
