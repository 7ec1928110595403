// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/clock.h"

namespace passgate::sync {

/// Counts the connections of the HTTP face and ends those that never come to
/// the point: a peer that sends a byte now and then is never silent, so a
/// timeout of silence alone would let it stay for ever.
/// Thread-safe, with one thread of its own.
class ConnectionWatch {
 public:
  struct Limits {
    unsigned served = 512;           ///< Connections; the next `refused` are told 503.
    unsigned refused = 128;          ///< What comes on top of both is closed at once.
    Milliseconds head_time{20'000};  ///< From the last answer to the next whole head.
    Milliseconds body_time{8'000};   ///< From there to the end of the body.
  };
  /// Lives from `opened()` to `closed()`.
  struct Connection {
    int fd = -1;
    bool one_too_many = false;  ///< To be told 503.
    enum class Phase : std::uint8_t { head, body, answer, cut } phase = Phase::head;
    MonoTime since;
    std::string late_answer = {};  ///< To a body that does not come in time.
  };
  /// @param say_timeout  Tell a peer whose body did not come in time before it is
  ///   cut off; false where that would go out unencrypted.
  ConnectionWatch(const Limits& limits, bool say_timeout);
  ~ConnectionWatch();
  ConnectionWatch(const ConnectionWatch&) = delete;
  ConnectionWatch& operator=(const ConnectionWatch&) = delete;

  /// Keeps a place for a connection that was accepted. False: there is none, and it
  /// is to be closed at once.
  bool reserve();
  void give_back();  ///< It came to nothing.
  /// Takes a place that was kept.
  /// @param fd  Borrowed until `closed()`, before which it must not be closed.
  Connection& opened(int fd);
  void closed(Connection& connection);

  /// The head is there, the body may come.
  /// @param late_answer  A whole answer as it goes over the wire (408).
  void head_came(Connection& connection, std::string late_answer);
  /// Answers a body that is still coming in, and says no more. False: it cannot be
  /// said unencrypted, or is over already; the connection is to be closed.
  bool refuse_body(Connection& connection, std::string_view answer);
  /// The request is whole. False: it was cut off, and no answer may be sent.
  bool may_answer(Connection& connection);
  /// The answer is out.
  void answered(Connection& connection);

 private:
  void run();
  void cut_late_ones(MonoTime now);

  const Limits limits_;
  const bool say_timeout_;
  std::mutex mutex_;
  std::condition_variable stop_bell_;
  bool stopped_ = false;
  std::size_t reserved_ = 0;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace passgate::sync
