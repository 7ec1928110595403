// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace passgate::sync {

/// Where a TCP connection can go; a value.
struct SocketAddress {
  ::sockaddr_storage storage{};
  ::socklen_t size = 0;
};

/// The addresses of one host, looked up where nobody waits for it: a name server
/// may take many seconds, and nothing can call that off. So it is a thread that
/// is left behind when this goes. Thread-safe.
class NameLookup {
 public:
  static constexpr std::size_t kMost = 4;  ///< Addresses that are kept.

  /// An address is known at once, a name after refresh().
  NameLookup(std::string host, std::uint16_t port);

  /// Asks again, unless somebody is asking.
  /// @param on_answer  When there is an answer, from another thread; not after
  ///                   this has gone.
  void refresh(std::function<void()> on_answer);
  /// Of the last answer that held any; empty: nothing is known yet.
  std::vector<SocketAddress> addresses() const;
  ~NameLookup();
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace passgate::sync
