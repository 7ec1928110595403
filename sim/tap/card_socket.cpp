// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/card_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace passgate::sim {
namespace {

bool passing(int error) noexcept {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

Result<CardSocket> CardSocket::connect(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) {
    return fail(Errc::unreachable, ENAMETOOLONG);
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  CardSocket made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.fd_ < 0) return fail(Errc::unreachable, errno);
  if (::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(Errc::unreachable, errno);
  }
  return made;
}

CardSocket::CardSocket(CardSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), arrived_(std::move(other.arrived_)) {}

CardSocket& CardSocket::operator=(CardSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(arrived_, other.arrived_);
  return *this;
}

CardSocket::~CardSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Status CardSocket::ready(short events, MonoTime until) const {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= Milliseconds{0}) return fail(Errc::deadline_exceeded);
    pollfd waits{fd_, events, 0};
    const int n = ::poll(&waits, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (n > 0) return {};
    if (n < 0 && errno != EINTR) return fail(Errc::connection_lost, errno);
  }
}

Result<Bytes> CardSocket::receive(std::size_t n, MonoTime until) {
  while (arrived_.size() < n) {
    if (const auto there = ready(POLLIN, until); !there) return std::unexpected(there.error());
    std::array<std::uint8_t, 4096> chunk{};
    const auto got = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got == 0) return fail(Errc::connection_lost);
    if (got < 0 && !passing(errno)) return fail(Errc::connection_lost, errno);
    if (got > 0) append(arrived_, ByteView(chunk).first(static_cast<std::size_t>(got)));
  }
  const auto end = arrived_.begin() + static_cast<std::ptrdiff_t>(n);
  Bytes taken(arrived_.begin(), end);
  arrived_.erase(arrived_.begin(), end);
  return taken;
}

Status CardSocket::send(ByteView bytes, MonoTime until) {
  while (!bytes.empty()) {
    if (const auto there = ready(POLLOUT, until); !there) return there;
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && !passing(errno)) return fail(Errc::connection_lost, errno);
    if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

}  // namespace passgate::sim
