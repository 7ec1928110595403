// SPDX-License-Identifier: Apache-2.0
#include "runtime/socket_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "runtime/stream_read.h"
#include "runtime/unix_socket.h"

namespace passgate::runtime {
namespace {

constexpr Milliseconds kLongestPoll{60'000};

enum class Woken { nobody, socket, waker, deadline };

/// Waits for `events` on `fd` or for `wake_fd`; the waker comes first, so that a
/// peer that never falls silent cannot keep a thread from stopping.
Woken wait(int fd, short events, int wake_fd, MonoTime deadline) {
  const MonoTime now = std::chrono::steady_clock::now();
  std::array<pollfd, 2> fds = {pollfd{fd, events, 0}, pollfd{wake_fd, POLLIN, 0}};
  const int ready = ::poll(fds.data(), fds.size(), poll_timeout(deadline, now, kLongestPoll));
  if (ready > 0 && fds[1].revents != 0) return Woken::waker;
  if (ready > 0) return Woken::socket;
  return now >= deadline ? Woken::deadline : Woken::nobody;
}

bool readable_now(int fd) {
  pollfd one{fd, POLLIN, 0};
  return fd >= 0 && ::poll(&one, 1, 0) > 0;
}

}  // namespace

Result<SocketClient> SocketClient::connect(const std::filesystem::path& path) {
  auto fd = connect_unix(path);
  if (!fd) return std::unexpected(fd.error());
  return SocketClient(fd->release());
}

SocketClient::SocketClient(SocketClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), reader_(std::move(other.reader_)) {}

SocketClient& SocketClient::operator=(SocketClient&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
    reader_ = std::move(other.reader_);
  }
  return *this;
}

SocketClient::~SocketClient() {
  if (fd_ >= 0) ::close(fd_);
}

Status SocketClient::send(const Message& message, MonoTime deadline) {
  if (fd_ < 0) return fail(Errc::unreachable, ENOTCONN);
  const auto frame = encode_frame(message);
  if (!frame) return std::unexpected(frame.error());
  ByteView rest = *frame;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      rest = rest.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (!transient(errno)) return fail(Errc::unreachable, errno);
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (!late && wait(fd_, POLLOUT, -1, deadline) != Woken::deadline) continue;
    // Half a frame cannot be taken back: the connection is of no use any more.
    if (rest.size() < frame->size()) ::close(std::exchange(fd_, -1));
    return fail(Errc::deadline_exceeded);
  }
  return {};
}

Result<Message> SocketClient::receive(MonoTime deadline, int wake_fd) {
  if (fd_ < 0) return fail(Errc::unreachable, ENOTCONN);
  std::array<std::uint8_t, kReadSize> chunk;
  // What already arrived is still read at the deadline, but once only: a peer
  // that trickles bytes does not extend it.
  for (bool last = false;;) {
    if (readable_now(wake_fd)) return fail(Errc::stopped);
    auto message = reader_.next();
    if (!message) return std::unexpected(message.error());
    if (*message) return std::move(**message);
    if (last) return fail(Errc::deadline_exceeded);
    last = std::chrono::steady_clock::now() >= deadline;
    switch (wait(fd_, POLLIN, wake_fd, deadline)) {
      case Woken::waker: return fail(Errc::stopped);
      case Woken::deadline: return fail(Errc::deadline_exceeded);
      case Woken::nobody: continue;
      case Woken::socket: break;
    }
    const ssize_t got = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (got == 0) return fail(Errc::unreachable);
    if (got < 0 && !transient(errno)) return fail(Errc::unreachable, errno);
    if (got > 0) reader_.feed({chunk.data(), static_cast<std::size_t>(got)});
  }
}

Result<Message> SocketClient::ask(const Message& message, Milliseconds budget) {
  const MonoTime deadline = std::chrono::steady_clock::now() + budget;
  if (const auto sent = send(message, deadline); !sent) return std::unexpected(sent.error());
  auto answer = receive(deadline);
  // A late answer must not pass for the answer to the next question.
  if (!answer && answer.error().code() == Errc::deadline_exceeded) ::close(std::exchange(fd_, -1));
  return answer;
}

}  // namespace passgate::runtime
