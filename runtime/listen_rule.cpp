// SPDX-License-Identifier: Apache-2.0
#include "runtime/listen_rule.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <charconv>

#include "runtime/table_reader.h"
#include "runtime/value_rule.h"

namespace passgate::runtime {
namespace {

std::expected<ListenPlace, std::string> socket_file(std::string_view path, const Origin& named_in) {
  constexpr std::size_t kMaxSocketPath = 107;  // sun_path of unix(7), less its final NUL.
  if (path.empty()) return std::unexpected("names no socket");
  const std::string absolute = resolve_path(path, named_in).string();
  if (absolute.size() > kMaxSocketPath) {
    return std::unexpected(
        fmt::format("is too long: a socket's path may have {} bytes", kMaxSocketPath));
  }
  return ListenPlace{.address = "unix:" + absolute, .this_machine = true};
}

/// Port 0 would be another one after every start, so it is none.
std::optional<std::uint16_t> port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// Whether the address is this machine's own; nullopt: it is no address.
std::optional<bool> is_loopback(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string address(bracketed ? host.substr(1, host.size() - 2) : host);
  in6_addr six{};
  if (bracketed) {
    if (::inet_pton(AF_INET6, address.c_str(), &six) != 1) return std::nullopt;
    return IN6_IS_ADDR_LOOPBACK(&six);
  }
  in_addr four{};
  if (::inet_pton(AF_INET, address.c_str(), &four) != 1) return std::nullopt;
  return (ntohl(four.s_addr) >> 24) == 127;
}

}  // namespace

std::expected<ListenPlace, std::string> listen_place(std::string_view text,
                                                     const Origin& named_in) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return socket_file(text.substr(kUnix.size()), named_in);
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::unexpected("has no port");
  const auto loopback = is_loopback(text.substr(0, colon));
  if (!loopback) return std::unexpected("names no IP address");
  if (!port_from(text.substr(colon + 1))) return std::unexpected("has no port from 1 to 65535");
  return ListenPlace{.address = std::string(text), .this_machine = *loopback};
}

std::optional<std::string> host_name(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::string host(text);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return host;
  if (dns_name_problem(host)) return std::nullopt;  // An IPv4 address reads as one too.
  return host;
}

std::optional<TcpPlace> tcp_place(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, colon);
  // "2001:db8::3:4711" could be an address without a port as well.
  if (before.contains(':') && !before.starts_with('[')) return std::nullopt;
  auto host = host_name(before);
  const auto port = port_from(text.substr(colon + 1));
  if (!host || !port) return std::nullopt;
  return TcpPlace{.host = std::move(*host), .port = *port};
}

}  // namespace passgate::runtime
