// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "runtime/unix_socket.h"

namespace passgate::sync {

/// Takes connections from listening sockets and hands each on, on one thread of
/// its own. It exists because threads that accept for themselves share unevenly:
/// the one that wakes first takes what is there, and serves it in turn while the
/// others have nothing to do.
class Acceptor {
 public:
  /// One connection; called on the acceptor's thread, must not wait.
  using Take =
      std::function<void(runtime::FileDescriptor connection, const sockaddr* peer, socklen_t size)>;

  /// @param sockets  Listening; borrowed, outlive *this, and are made non-blocking.
  Acceptor(std::span<const int> sockets, Take take);
  ~Acceptor();  ///< When it returns, `take` is not called any more.
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

 private:
  void run();

  const std::vector<int> sockets_;
  const Take take_;
  const runtime::FileDescriptor stop_;
  std::thread thread_;
};

}  // namespace passgate::sync
