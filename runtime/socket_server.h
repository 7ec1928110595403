// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "runtime/frame.h"

namespace passgate::runtime {

/// Serves framed messages on unix sockets: one thread, one poll loop, any number
/// of listening paths. Bounded: at most `max_clients` connections (more are
/// accepted and closed at once), `max_backlog` unsent bytes each (a client that
/// does not read is dropped).
class SocketServer {
 public:
  /// Names a connection for the life of the server; never reused.
  using ClientId = std::uint64_t;

  /// What the owner does with a connection. All calls come from the server's
  /// thread; they must not block for long.
  class Service {
   public:
    virtual ~Service() = default;
    /// A JSON exception of the library (a member missing, a wrong type) is
    /// answered with error bad_value; the connection stays.
    /// @param listener  Index into the paths given.
    virtual void on_message(SocketServer& server, std::size_t listener, ClientId client,
                            const Message& message) = 0;
    /// Once for every connection, also for those open when run() ends.
    virtual void on_closed(ClientId client) = 0;
    /// After `wake()` was called from any thread (calls may be merged).
    virtual void on_wake(SocketServer& server) = 0;
    /// When a client's unsent bytes all went out: room to stream more.
    virtual void on_drained(SocketServer& server, ClientId client) = 0;
  };

  struct Options {
    std::size_t max_clients = 64;
    std::size_t max_backlog = std::size_t{4} * 1024 * 1024;
  };

  /// Binds the paths (mode 0660, stale sockets replaced, a live one refused).
  /// Errors: unreachable with errno (EADDRINUSE: somebody serves there).
  static Result<std::unique_ptr<SocketServer>> bind(const std::vector<std::filesystem::path>& paths,
                                                    const Options& options);
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  /// Runs until stop(). `service` is borrowed.
  void run(Service& service);
  void stop() noexcept;  ///< From any thread; run() returns soon.
  void wake() noexcept;  ///< From any thread; causes one on_wake().
  /// When the loop last went round; for the watchdog. The loop goes round at
  /// least once a second.
  MonoTime last_beat() const noexcept;

  // From the server's thread only:
  void send(ClientId client, const Message& message);  ///< Queued; never blocks.
  void close(ClientId client);                         ///< After what is queued went out.
  std::size_t backlog(ClientId client) const;          ///< Unsent bytes.

 private:
  struct Loop;
  explicit SocketServer(std::unique_ptr<Loop> loop) noexcept;
  std::unique_ptr<Loop> loop_;
};

}  // namespace passgate::runtime
