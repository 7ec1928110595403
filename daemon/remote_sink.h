// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/clock.h"
#include "hid/layout.h"
#include "hid/sink.h"
#include "runtime/socket_client.h"

namespace passgate::daemon {

struct TillSettings {
  std::filesystem::path sync_sock;
  std::string layout = "us";
  std::string newline = "\r";  ///< What is sent for Enter.
  Milliseconds budget{1500};   ///< For one text, all told.
};

/// keyboard.device = "tcp:HOST:PORT": a till on another machine. passgated has no
/// network, so passgate-syncd has the connection:
///   type {"text":UTF-8} -> {"type":"typed"} | {"type":"error","error":CODE}
/// Refuses what a keyboard of the layout could not type. Thread-safe: one text
/// at a time.
class RemoteSink final : public hid::Sink {
 public:
  /// Nobody is asked yet: the till may be switched on later.
  /// Errors: bad_value (no such layout).
  static Result<std::unique_ptr<RemoteSink>> make(TillSettings settings);

  /// Errors: untypable; input_device_unavailable with an errno: ECONNREFUSED
  /// (passgate-syncd does not run), EHOSTUNREACH (it does not reach the till),
  /// ETIMEDOUT (no answer in time), ECONNRESET (the connection broke within the
  /// text: perhaps a part of it arrived), EBUSY, EPROTO (another configuration).
  Status type(std::string_view text) override;

 private:
  RemoteSink(TillSettings settings, hid::Layout layout);
  Result<runtime::Message> ask(const runtime::Message& question);

  const TillSettings settings_;
  const hid::Layout layout_;
  std::mutex mutex_;  ///< Guards what follows; held while a text is under way.
  std::optional<runtime::SocketClient> client_;
};

}  // namespace passgate::daemon
