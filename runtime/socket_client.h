// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "core/clock.h"
#include "core/result.h"
#include "runtime/frame.h"

namespace passgate::runtime {

/// A connection to one of our sockets. One thread at a time; movable.
class SocketClient {
 public:
  /// Errors: unreachable (errno as detail).
  static Result<SocketClient> connect(const std::filesystem::path& path);
  SocketClient(SocketClient&&) noexcept;
  SocketClient& operator=(SocketClient&&) noexcept;
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;
  ~SocketClient();

  /// Errors: too_large, unreachable, deadline_exceeded (the connection is closed
  /// when a part of the message had gone out).
  Status send(const Message& message, MonoTime deadline);
  /// Waits for the next message. Errors: deadline_exceeded (the connection stays
  /// usable), unreachable (peer gone), those of FrameReader; stopped when
  /// `wake_fd` (borrowed, -1 for none) became readable.
  Result<Message> receive(MonoTime deadline, int wake_fd = -1);
  /// send, then receive. After deadline_exceeded the connection is closed: a
  /// late answer must not pass for the next one.
  Result<Message> ask(const Message& message, Milliseconds budget);

 private:
  explicit SocketClient(int fd) noexcept : fd_(fd) {}
  int fd_ = -1;
  FrameReader reader_;
};

}  // namespace passgate::runtime
