// SPDX-License-Identifier: Apache-2.0
#include "sim/http/loopback_request.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace passgate::sim {
namespace {

constexpr std::string_view kScheme = "http://127.0.0.1:";

struct Place {
  std::uint16_t port = 0;
  std::string_view target;  ///< Borrowed from the URL.
};

Result<Place> read_url(std::string_view url) {
  Place place;
  if (!url.starts_with(kScheme)) return fail(Errc::bad_value);
  const char* begin = url.data() + kScheme.size();
  const char* end = url.data() + url.size();
  const auto [rest, problem] = std::from_chars(begin, end, place.port);
  if (problem != std::errc{} || place.port == 0) return fail(Errc::bad_value);
  place.target = std::string_view(rest, end);
  // What is neither a path nor free of line ends would become another request.
  if (!place.target.starts_with('/') || place.target.find_first_of(" \r\n") != place.target.npos) {
    return fail(Errc::bad_value);
  }
  return place;
}

void limit_time(int socket, Milliseconds timeout) {
  ::timeval limit{};
  limit.tv_sec = timeout.count() / 1000;
  limit.tv_usec = timeout.count() % 1000 * 1000;
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

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
                             const std::vector<std::pair<std::string, std::string>>& headers,
                             std::string_view body, Milliseconds timeout) {
  const auto place = read_url(url);
  if (!place) return std::unexpected(place.error());
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
                                    method, place->target);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  if (!body.empty()) request += fmt::format("Content-Length: {}\r\n", body.size());
  request.append("\r\n").append(body);

  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(place->port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return fail(Errc::unreachable, errno);
  limit_time(socket, timeout);
  const auto answer = exchange(socket, address, request);
  ::close(socket);
  if (!answer) return std::unexpected(answer.error());
  return status_of(*answer);
}

Status check_loopback_url(const std::string& url) {
  const auto place = read_url(url);
  if (!place) return std::unexpected(place.error());
  return {};
}

}  // namespace passgate::sim
