// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "runtime/frame.h"
#include "runtime/unix_socket.h"

namespace passgate::runtime {

/// One connection of a SocketServer: bytes in, messages out, and what is still
/// to be sent. Never blocks. Belongs to the server's thread.
class SocketConnection {
 public:
  SocketConnection(FileDescriptor fd, std::size_t listener) noexcept
      : fd_(std::move(fd)), listener_(listener) {}

  int fd() const noexcept { return fd_.get(); }
  std::size_t listener() const noexcept { return listener_; }
  std::size_t unsent() const noexcept { return out_.size() - sent_; }
  /// False once it only sends what is left, or nothing at all.
  bool is_open() const noexcept { return state_ == State::open; }
  /// Nothing more will happen: the server may forget it.
  bool is_over(MonoTime now) const noexcept;

  /// What poll(2) is to wait for.
  short events() const noexcept;
  /// More was received than the last round took in; no need to wait for bytes.
  bool has_more() const noexcept { return has_more_ && is_open(); }
  void set_has_more(bool more) noexcept { has_more_ = more; }

  void read_some();
  /// True when the last unsent byte went out just now.
  bool write_some();
  Result<std::optional<Message>> next() { return reader_.next(); }
  bool peer_finished() const noexcept { return peer_finished_; }

  /// Queues a frame; drops the connection when more than `max_backlog` bytes
  /// would wait: its peer does not read.
  void queue(ByteView frame, std::size_t max_backlog);
  /// Sends what is queued, until `deadline` at the latest, then is over.
  void finish(MonoTime deadline) noexcept;
  void drop() noexcept { state_ = State::gone; }

 private:
  enum class State { open, finishing, gone };

  FileDescriptor fd_;
  std::size_t listener_;
  FrameReader reader_;
  Bytes out_;
  std::size_t sent_ = 0;
  State state_ = State::open;
  MonoTime finish_by_{};
  bool has_more_ = false;
  bool peer_finished_ = false;
};

}  // namespace passgate::runtime
