// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>

#include "runtime/log.h"
#include "runtime/socket_client.h"
#include "sync/job_plan.h"
#include "sync/steady_wall.h"
#include "sync/store/outbox.h"
#include "sync/worker.h"

namespace passgate::sync {

/// Follows passgated's journal over core.sock: what arrives becomes jobs in the
/// outbox, and only then is acknowledged. passgated may come and go.
class JournalStream {
 public:
  /// Borrowed; outlive the stream.
  struct Parts {
    Outbox& outbox;
    const Clock& clock;
    const SteadyWall& times;
    const runtime::Log& log;
    Random random;
    std::function<void()> on_jobs;  ///< After a batch was stored.
  };

  /// @param stop_fd  Borrowed; becomes readable when it is time to end.
  JournalStream(std::filesystem::path core_sock, Routes routes, Parts parts, int stop_fd);

  void run();  ///< Until `stop_fd` is readable.
  /// From any thread.
  bool connected() const noexcept { return connected_.load(); }

 private:
  /// One connection, to its end; the error says why it ended.
  Error follow();
  Status take(const runtime::Message& message);
  void note(const Error& why);
  bool pause(Milliseconds length) const;  ///< False: time to end.

  std::filesystem::path core_sock_;
  Routes routes_;
  Parts parts_;
  int stop_fd_;
  std::uint64_t cursor_ = 0;
  unsigned failures_ = 0;
  std::optional<Error> noted_;
  std::atomic<bool> connected_{false};
};

}  // namespace passgate::sync
