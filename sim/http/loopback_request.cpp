// SPDX-License-Identifier: Apache-2.0
#include "sim/http/loopback_request.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace passgate::sim {
namespace {

constexpr std::string_view kScheme = "http://127.0.0.1:";

/// "HTTP/1.1 204 No Content…" → 204
Result<int> status_of(std::string_view answer) {
  constexpr std::size_t kStatusAt = 9;
  int status = 0;
  if (!answer.starts_with("HTTP/1.1 ") || answer.size() < kStatusAt + 3) {
    return fail(Errc::bad_reply);
  }
  const char* digits = answer.data() + kStatusAt;
  if (std::from_chars(digits, digits + 3, status).ec != std::errc{}) return fail(Errc::bad_reply);
  return status;
}

Result<std::string> exchange(int socket, const ::sockaddr_in& address, std::string_view request) {
  const auto* generic = reinterpret_cast<const ::sockaddr*>(&address);
  if (::connect(socket, generic, sizeof address) != 0) return fail(Errc::unreachable, errno);
  while (!request.empty()) {
    const ::ssize_t sent = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent <= 0) return fail(Errc::unreachable, errno);
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  char buffer[4096];
  // Only the status line is of interest; the server closes after the answer.
  while (answer.size() < sizeof buffer) {
    const ::ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer;
}

}  // namespace

Result<int> loopback_request(const std::string& method, const std::string& url,
                             const std::vector<std::pair<std::string, std::string>>& headers) {
  std::uint16_t port = 0;
  const char* begin = url.data() + kScheme.size();
  if (!url.starts_with(kScheme)) return fail(Errc::bad_value);
  const auto [rest, problem] = std::from_chars(begin, url.data() + url.size(), port);
  if (problem != std::errc{}) return fail(Errc::bad_value);

  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
                                    method, std::string_view(rest, url.data() + url.size()));
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  request += "\r\n";

  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return fail(Errc::unreachable, errno);
  const auto answer = exchange(socket, address, request);
  ::close(socket);
  if (!answer) return std::unexpected(answer.error());
  return status_of(*answer);
}

}  // namespace passgate::sim
