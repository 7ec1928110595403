// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "runtime/unix_socket.h"
#include "sync/name_lookup.h"

namespace passgate::sync {

/// A TCP connection that texts go out on. One thread.
class TillConnection {
 public:
  /// Tries the addresses in order, each with its share of the time.
  /// Errors: unreachable (errno as detail), deadline_exceeded.
  static Result<TillConnection> open(const std::vector<SocketAddress>& to, MonoTime deadline);

  int fd() const noexcept { return fd_.get(); }
  /// Whether the other side has closed it, as far as is known here. What it sent
  /// is read and forgotten.
  bool is_closed() const;

  /// Returns when the other machine has the whole text (its kernel, not its
  /// program). After an error nothing of it will arrive any more, and the
  /// connection is of no use.
  /// Errors: unreachable (nothing was sent), connection_lost (perhaps a part
  /// arrived), deadline_exceeded (the same).
  Status send(std::string_view text, MonoTime deadline);

 private:
  explicit TillConnection(runtime::FileDescriptor fd) noexcept : fd_(std::move(fd)) {}
  Status wait_until_taken(MonoTime deadline);
  std::unexpected<Error> abandon(Errc code, int why);

  runtime::FileDescriptor fd_;
};

}  // namespace passgate::sync
