// SPDX-License-Identifier: Apache-2.0
#include "sync/till_connection.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace passgate::sync {
namespace {

using runtime::FileDescriptor;
using runtime::poll_timeout;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr Milliseconds kLongestPoll = 2s;
/// Nothing tells when the other side has acknowledged; so it is looked at.
constexpr Milliseconds kLook = 1ms;
constexpr int kMostReads = 16;  ///< Of 4 KiB: a till has nothing to say.

void set(int fd, int level, int option, int value) {
  // A connection without one of these is still one.
  static_cast<void>(::setsockopt(fd, level, option, &value, sizeof value));
}

/// A text is typed at once; a till that was switched off is noticed within half
/// a minute, not at the next text.
void tune(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Result<FileDescriptor> connect_to(const SocketAddress& to, MonoTime deadline) {
  FileDescriptor fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return fail(Errc::unreachable, errno);
  tune(fd.get());
  const auto* address = reinterpret_cast<const ::sockaddr*>(&to.storage);
  if (::connect(fd.get(), address, to.size) == 0) return fd;
  if (errno != EINPROGRESS) return fail(Errc::unreachable, errno);
  ::pollfd waiting{fd.get(), POLLOUT, 0};
  if (::poll(&waiting, 1, poll_timeout(deadline, steady_clock::now(), kLongestPoll)) <= 0) {
    return fail(Errc::deadline_exceeded, ETIMEDOUT);
  }
  int outcome = 0;
  ::socklen_t size = sizeof outcome;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &outcome, &size);
  if (outcome != 0) return fail(Errc::unreachable, outcome);
  return fd;
}

}  // namespace

Result<TillConnection> TillConnection::open(const std::vector<SocketAddress>& to,
                                            MonoTime deadline) {
  Error last(Errc::unreachable, EHOSTUNREACH);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto now = steady_clock::now();
    const auto share = (deadline - now) / static_cast<int>(to.size() - i);
    auto fd = connect_to(to[i], now + share);
    if (fd) return TillConnection(std::move(*fd));
    last = fd.error();
  }
  return std::unexpected(last);
}

bool TillConnection::is_closed() const {
  std::array<char, 4096> ignored;
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t got = ::recv(fd_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (got == 0) return true;
    if (got < 0) return errno != EAGAIN && errno != EINTR;
  }
  return false;
}

Status TillConnection::send(std::string_view text, MonoTime deadline) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t taken =
        ::send(fd_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken > 0) sent += static_cast<std::size_t>(taken);
    if (taken >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) {
      return abandon(sent == 0 ? Errc::unreachable : Errc::connection_lost, errno);
    }
    const int left = poll_timeout(deadline, steady_clock::now(), kLongestPoll);
    if (left <= 0) return abandon(Errc::deadline_exceeded, ETIMEDOUT);
    ::pollfd waiting{fd_.get(), POLLOUT, 0};
    ::poll(&waiting, 1, left);
  }
  return wait_until_taken(deadline);
}

/// That the kernel here has it says nothing: the till's cable may be out.
Status TillConnection::wait_until_taken(MonoTime deadline) {
  for (;;) {
    int waiting = 0;
    if (::ioctl(fd_.get(), SIOCOUTQ, &waiting) != 0) return abandon(Errc::connection_lost, errno);
    int outcome = 0;
    ::socklen_t size = sizeof outcome;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &outcome, &size);
    if (outcome != 0) return abandon(Errc::connection_lost, outcome);
    if (waiting == 0) return {};
    const int left = poll_timeout(deadline, steady_clock::now(), kLook);
    if (left <= 0) return abandon(Errc::deadline_exceeded, ETIMEDOUT);
    ::pollfd broken{fd_.get(), 0, 0};
    ::poll(&broken, 1, left);
  }
}

/// The rest must not arrive when the cable is back, in the middle of another
/// sale: closing without lingering discards it.
std::unexpected<Error> TillConnection::abandon(Errc code, int why) {
  const ::linger none{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none));
  fd_ = FileDescriptor();
  return fail(code, why);
}

}  // namespace passgate::sync
