// SPDX-License-Identifier: Apache-2.0
#include "runtime/socket_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "runtime/stream_read.h"

namespace passgate::runtime {

bool SocketConnection::is_over(MonoTime now) const noexcept {
  if (state_ == State::gone) return true;
  return state_ == State::finishing && (unsent() == 0 || now >= finish_by_);
}

short SocketConnection::events() const noexcept {
  const bool wants_bytes = is_open() && !has_more_ && !peer_finished_;
  return static_cast<short>((wants_bytes ? POLLIN : 0) | (unsent() > 0 ? POLLOUT : 0));
}

void SocketConnection::read_some() {
  std::array<std::uint8_t, kReadSize> chunk;
  const ssize_t got = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
  if (got > 0) {
    reader_.feed({chunk.data(), static_cast<std::size_t>(got)});
  } else if (got == 0) {
    peer_finished_ = true;
  } else if (!transient(errno)) {
    drop();
  }
}

bool SocketConnection::write_some() {
  if (unsent() == 0) return false;
  const ByteView rest = ByteView(out_).subspan(sent_);
  const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    if (!transient(errno)) drop();
    return false;
  }
  sent_ += static_cast<std::size_t>(sent);
  if (unsent() > 0) return false;
  out_.clear();
  sent_ = 0;
  return true;
}

void SocketConnection::queue(ByteView frame, std::size_t max_backlog) {
  if (!is_open()) return;
  if (unsent() + frame.size() > max_backlog) {
    drop();
    return;
  }
  // Moving the rest down only when it is the smaller part keeps the cost linear.
  if (sent_ > unsent()) {
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
  append(out_, frame);
}

void SocketConnection::finish(MonoTime deadline) noexcept {
  if (!is_open()) return;
  state_ = State::finishing;
  finish_by_ = deadline;
}

}  // namespace passgate::runtime
