// SPDX-License-Identifier: Apache-2.0
#include "sync/service/listen_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

namespace passgate::sync {

namespace {

constexpr int kBacklog = 512;

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return port;
}

/// "IPV4:PORT" or "[IPV6]:PORT". No names: what they mean may change.
std::optional<Place> place_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = port_of(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return std::nullopt;
  Place place;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    auto& ip = reinterpret_cast<sockaddr_in6&>(place.address);
    ip.sin6_family = AF_INET6;
    ip.sin6_port = htons(*port);
    if (inet_pton(AF_INET6, host.c_str(), &ip.sin6_addr) != 1) return std::nullopt;
    place.size = sizeof ip;
    return place;
  }
  auto& ip = reinterpret_cast<sockaddr_in&>(place.address);
  ip.sin_family = AF_INET;
  ip.sin_port = htons(*port);
  if (inet_pton(AF_INET, host.c_str(), &ip.sin_addr) != 1) return std::nullopt;
  place.size = sizeof ip;
  return place;
}

/// A bound and listening socket, or an errno.
std::expected<runtime::FileDescriptor, int> listen_at(const Place& place) {
  const int family = place.address.ss_family;
  runtime::FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return std::unexpected(errno);
  const int on = 1;
  // A restart must not wait for the last run's connections to be forgotten, and
  // "[::]" must not take IPv4's port as well.
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (family == AF_INET6 &&
       ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place.address), place.size) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return std::unexpected(errno);
  }
  return fd;
}

/// Where a socket is bound; family AF_UNSPEC: nowhere.
sockaddr_storage bound_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return address;
}

bool listens(int fd) {
  int type = 0, on = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
         ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on != 0;
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(ip.sin_addr.s_addr) >> 24 == 127;
  }
  const auto& ip = reinterpret_cast<const sockaddr_in6&>(address);
  return address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&ip.sin6_addr);
}

std::uint16_t bound_port(int fd) {
  const auto address = bound_address(fd);
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::unexpected<std::string> cannot(std::string_view address, int error) {
  return std::unexpected(
      fmt::format("{}: cannot listen there: {}", address, std::generic_category().message(error)));
}

std::unexpected<std::string> needs_tls(std::string_view address) {
  return std::unexpected(
      fmt::format("{}: beyond this machine tls_cert and tls_key are needed, for the pushes' "
                  "secrets would pass in clear",
                  address));
}

}  // namespace

std::expected<ListenSocket, std::string> ListenSocket::open(std::string_view address,
                                                            Reach allowed) {
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    const std::filesystem::path path(address.substr(kUnix.size()));
    if (!path.is_absolute()) {
      return std::unexpected(fmt::format("{}: the path must be absolute", address));
    }
    auto listener = runtime::UnixListener::bind(path);
    if (!listener) return cannot(address, listener.error().detail());
    return ListenSocket(Socket(std::move(*listener)), 0);
  }
  const auto place = place_of(address);
  if (!place) {
    return std::unexpected(
        fmt::format("{}: not \"IP:PORT\", \"[IPV6]:PORT\" or \"unix:PATH\"", address));
  }
  if (!is_loopback(place->address) && allowed == Reach::this_machine) return needs_tls(address);
  auto fd = listen_at(*place);
  if (!fd) return cannot(address, fd.error());
  const auto port = bound_port(fd->get());
  return ListenSocket(Socket(std::move(*fd)), port);
}

std::expected<ListenSocket, std::string> ListenSocket::adopt(runtime::FileDescriptor socket,
                                                             Reach allowed) {
  constexpr auto kWho = "the socket of the service manager";
  if (!listens(socket.get())) return std::unexpected(fmt::format("{}: does not listen", kWho));
  const auto address = bound_address(socket.get());
  const bool near = address.ss_family == AF_UNIX || is_loopback(address);
  if (!near && allowed == Reach::this_machine) return needs_tls(kWho);
  const auto port = bound_port(socket.get());
  return ListenSocket(Socket(std::move(socket)), port);
}

int ListenSocket::fd() const noexcept {
  if (const auto* unix_socket = std::get_if<runtime::UnixListener>(&socket_)) {
    return unix_socket->fd();
  }
  return std::get<runtime::FileDescriptor>(socket_).get();
}

}  // namespace passgate::sync
