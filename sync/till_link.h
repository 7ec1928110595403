// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "core/result.h"
#include "runtime/frame.h"
#include "runtime/listen_rule.h"
#include "runtime/log.h"
#include "runtime/unix_socket.h"
#include "sync/name_lookup.h"
#include "sync/till_connection.h"

namespace passgate::sync {

/// keyboard.device = "tcp:HOST:PORT": one connection to the till, kept open, and
/// the texts that passgated has for it. It asks over sync.sock:
///   {"type":"type","text":UTF-8} -> {"type":"typed"} | {"type":"error","error":CODE}
/// CODE: unreachable, deadline_exceeded, connection_lost (perhaps a part of the
/// text arrived), rate_limited (another text is under way), too_large, bad_value
/// (no till is configured).
/// A text is sent at once or not at all: none waits, none is tried again later,
/// and one whose time is over is taken back. Its content is neither logged nor kept.
class TillLink {
 public:
  using ClientId = std::uint64_t;  ///< SocketServer's.
  static constexpr std::size_t kLongestText = 4096;
  static constexpr Milliseconds kConnectTime{1000};
  /// For one text, the connection included: less than passgated waits.
  static constexpr Milliseconds kTextTime{1300};

  /// @param place  Absent: there is no till here. @param log  Borrowed.
  TillLink(std::optional<runtime::TcpPlace> place, const runtime::Log& log);
  ~TillLink();
  TillLink(const TillLink&) = delete;
  TillLink& operator=(const TillLink&) = delete;

  /// Once. @param on_answer  From another thread: there is something to take().
  void start(std::function<void()> on_answer);
  void stop() noexcept;  ///< From any thread.

  // The socket's thread:
  /// The answer, where it needs no till. Throws the library's exception for a
  /// member that is missing or of another type.
  std::optional<runtime::Message> ask(ClientId client, const runtime::Message& message);
  std::optional<std::pair<ClientId, runtime::Message>> take();
  void forget(ClientId client);  ///< Nobody waits for that client's answer.

  /// "till" of the status: {"place","state":"connected|unreachable","last_error"}; null
  /// without a till. Thread-safe.
  nlohmann::json status() const;

 private:
  struct Text {
    ClientId client = 0;
    std::string text;
    MonoTime deadline;
  };
  void work();
  void wait();
  std::optional<Text> next_text();
  Status connect(MonoTime deadline);
  Status type(const Text& text);
  void note(const Status& outcome);
  void ring() const noexcept;

  const std::optional<runtime::TcpPlace> place_;
  const runtime::Log& log_;
  std::function<void()> on_answer_;
  runtime::FileDescriptor bell_;  ///< Wakes the thread.

  mutable std::mutex mutex_;  ///< Guards what follows.
  bool stopped_ = false;
  bool busy_ = false;  ///< From ask() until its answer is taken.
  std::optional<Text> waiting_;
  std::optional<std::pair<ClientId, runtime::Message>> answered_;
  std::string trouble_ = "not tried yet";  ///< Empty: connected.

  // The thread's own:
  std::optional<TillConnection> connection_;
  MonoTime next_try_{};
  Milliseconds pause_{0};

  std::optional<NameLookup> lookup_;  ///< Goes before the bell it rings.
  std::thread thread_;
};

}  // namespace passgate::sync
