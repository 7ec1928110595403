// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "runtime/socket_client.h"

namespace passgate::daemon {

/// A `[[decrypt_service]]`, as far as a tap knows it. One for all passes whose
/// keys it holds, shared between reader threads.
struct RemoteService {
  std::string name;
  Milliseconds budget{1700};  ///< How long passgate-syncd may take to answer for it.
  /// Somebody was told that its answers have no time stamp.
  mutable std::atomic<bool> told_unstamped{false};
};

/// Whether an error of an opener says that the pass does not open: an answer
/// about the pass. All others say nothing about it.
bool does_not_open(Errc code) noexcept;

/// Has passes of Apple's opened by a service elsewhere, through passgate-syncd:
///   open_remote {"service":NAME,"template":T,"payload":HEX}
///     -> {"type":"opened","payload":HEX,"stamped_at":RFC3339?}
///      | {"type":"error","error":CODE}
/// One per reader thread. Keeps its connection, and opens it again when it is
/// gone.
class RemoteOpener {
 public:
  struct Opened {
    SecretBytes payload;
    std::optional<WallTime> stamped_at;  ///< Where the service tells it.
  };

  explicit RemoteOpener(std::filesystem::path sync_sock) : sync_sock_(std::move(sync_sock)) {}

  /// Answers at `deadline` at the latest, and within the service's budget.
  /// Errors: those of does_not_open; else nobody answered: unreachable,
  /// deadline_exceeded, bad_reply (also for a code that is not known here), or
  /// what the service said: rejected, rate_limited, not_listed, ….
  Result<Opened> open(const RemoteService& service, std::string_view pass_template, ByteView sealed,
                      MonoTime deadline);

 private:
  Result<runtime::Message> ask(const runtime::Message& question, MonoTime deadline);

  std::filesystem::path sync_sock_;
  std::optional<runtime::SocketClient> client_;
};

}  // namespace passgate::daemon
