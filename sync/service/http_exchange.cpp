// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_exchange.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

#include "sync/service/request_target.h"

namespace passgate::sync {

namespace {

using ResponsePtr = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

enum class After : std::uint8_t { keep_open, close };

/// What every answer says, unless it says otherwise: nobody keeps it, takes it
/// for something else, or uses it on a page of his own.
constexpr std::pair<const char*, const char*> kCommon[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

bool add_headers(MHD_Response* response, const HttpReply& reply, After after) {
  const auto add = [&](const char* name, const char* value) {
    return MHD_add_response_header(response, name, value) == MHD_YES;
  };
  bool whole =
      reply.content_type.empty() || add(MHD_HTTP_HEADER_CONTENT_TYPE, reply.content_type.c_str());
  for (const auto& [name, value] : reply.headers) whole = whole && add(name.c_str(), value.c_str());
  for (const auto& [name, value] : kCommon) {
    const bool said = MHD_get_response_header(response, name) != nullptr;
    whole = whole && (said || add(name, value));
  }
  if (after == After::close) whole = whole && add(MHD_HTTP_HEADER_CONNECTION, "close");
  return whole;
}

MHD_Result queue(MHD_Connection* connection, ResponsePtr response, const HttpReply& reply,
                 After after) {
  if (!response || !add_headers(response.get(), reply, after)) return MHD_NO;
  return MHD_queue_response(connection, static_cast<unsigned>(reply.status), response.get());
}

MHD_Result send(MHD_Connection* connection, const HttpReply& reply, After after) {
  // The signature predates const; with MUST_COPY nothing is written.
  ResponsePtr response(
      MHD_create_response_from_buffer(reply.body.size(), const_cast<char*>(reply.body.data()),
                                      MHD_RESPMEM_MUST_COPY),
      &MHD_destroy_response);
  return queue(connection, std::move(response), reply, after);
}

/// A peer that does not take what is sent must not hold a place or the system's
/// memory for long: little is buffered, and what is not acknowledged in time ends
/// the connection. On a unix socket only the first applies.
void bound_buffering(int fd, unsigned silence_s) {
  const int bytes = 64 << 10;
  const unsigned milliseconds = silence_s * 1000;
  (void)::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

MHD_Result collect_header(void* headers, MHD_ValueKind /*kind*/, const char* name,
                          const char* value) {
  std::string key = name;
  std::ranges::transform(key, key.begin(), [](unsigned char c) { return std::tolower(c); });
  static_cast<decltype(HttpAsk::headers)*>(headers)->emplace_back(std::move(key),
                                                                  value == nullptr ? "" : value);
  return MHD_YES;
}

/// Whether the other end is on this machine.
bool is_near(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (peer.ss_family == AF_UNIX) return true;
  if (peer.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(peer);
    return ntohl(ip.sin_addr.s_addr) >> 24 == 127;
  }
  if (peer.ss_family != AF_INET6) return false;
  const auto& ip = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ip) || (IN6_IS_ADDR_V4MAPPED(&ip) && ip.s6_addr[12] == 127);
}

bool was_passed_on(const HttpAsk& ask) {
  return ask.header("forwarded") != nullptr || ask.header("x-forwarded-for") != nullptr ||
         ask.header("via") != nullptr;
}

std::size_t count_of(const HttpAsk& ask, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count(ask.headers, name, [](const auto& one) { return one.first; }));
}

/// As it goes over the wire, for a connection that is closed with it.
std::string wire_text(const HttpReply& reply) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Length: {}\r\n", reply.status,
      MHD_get_reason_phrase_for(static_cast<unsigned>(reply.status)), reply.body.size());
  const auto add = [&text](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
  };
  if (!reply.content_type.empty()) add("Content-Type", reply.content_type);
  for (const auto& [name, value] : reply.headers) add(name, value);
  for (const auto& [name, value] : kCommon) add(name, value);
  return text.append("\r\n").append(reply.body);
}

}  // namespace

ConnectionWatch::Connection& watched(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return *static_cast<ConnectionWatch::Connection*>(info->socket_context);
}

MHD_Result HttpExchange::step(MHD_Connection* connection, const char* method,
                              std::string_view piece, std::size_t& unread) {
  if (!begun_) return begin(connection, method);
  if (!piece.empty()) {
    unread = 0;
    return receive(connection, piece);
  }
  if (told_ || !around_.watch.may_answer(watched(connection))) return MHD_NO;
  if (refused_) return send(connection, too_large(), After::close);
  return answer(connection);
}

MHD_Result HttpExchange::begin(MHD_Connection* connection, const char* method) {
  begun_ = true;
  ask_.method = method;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect_header, &ask_.headers);
  auto& entry = watched(connection);
  ask_.local = is_near(entry.fd) && !was_passed_on(ask_);
  if (const auto reply = refusal_of_head(entry.one_too_many)) {
    return around_.watch.may_answer(entry) ? send(connection, *reply, After::close) : MHD_NO;
  }
  const bool has_body =
      ask_.header("content-length") != nullptr || ask_.header("transfer-encoding") != nullptr;
  around_.watch.head_came(
      entry, has_body ? wire_text(refuse(408, "The body did not come in time.")) : std::string());
  return MHD_YES;
}

MHD_Result HttpExchange::answer(MHD_Connection* connection) {
  HttpReply reply;
  try {
    reply = around_.handler(ask_);
  } catch (const std::exception&) {
    return send(connection, refuse(500, "The request could not be served."), After::keep_open);
  }
  // With HEAD nobody ever asks for the body, so that the stream does not begin.
  if (!reply.stream) return send(connection, reply, After::keep_open);
  ResponsePtr response(around_.streams.open(connection, std::move(reply.stream)),
                       &MHD_destroy_response);
  if (!response) {
    auto refusal = refuse(503, "Too many streams are open.");
    refusal.headers.emplace_back("Retry-After", "30");
    return send(connection, refusal, After::keep_open);
  }
  bound_buffering(watched(connection).fd, around_.limits.silence_s);
  return queue(connection, std::move(response), reply, After::keep_open);
}

std::optional<HttpReply> HttpExchange::refusal_of_head(bool one_too_many) {
  const auto read = read_target(raw_target_, ask_);
  if (one_too_many) {
    auto reply = refuse(503, "Too many connections.");
    reply.headers.emplace_back("Retry-After", "30");
    return reply;
  }
  if (!read) return refuse(400, "The request target cannot be read.");
  // Two names of one host: who checks the one may not be who acts on the other.
  if (count_of(ask_, "host") > 1) return refuse(400, "More than one Host.");
  const auto* host = ask_.header("host");
  if (ask_.host.empty() && host != nullptr) ask_.host = host_of(*host);
  return refusal_of_length();
}

std::optional<HttpReply> HttpExchange::refusal_of_length() {
  const auto* length = ask_.header("content-length");
  if (length == nullptr) return std::nullopt;
  // Two lengths of one body are how requests are smuggled past a proxy.
  if (ask_.header("transfer-encoding") != nullptr) {
    return refuse(400, "Both a content length and a transfer encoding.");
  }
  std::size_t announced = 0;
  const auto* end = length->data() + length->size();
  const auto read = std::from_chars(length->data(), end, announced);
  if (read.ec == std::errc::result_out_of_range) return too_large();
  if (read.ec != std::errc{} || read.ptr != end) return refuse(400, "No content length.");
  if (announced > around_.limits.drained_bytes) return too_large();
  refused_ = announced > around_.limits.body_bytes;
  return std::nullopt;
}

/// A body that is too large is read and thrown away: a peer that is still sending
/// would not see an answer after which the connection breaks. Up to a size it is
/// answered at its end; beyond, at once, and thrown away until the watch cuts it off.
MHD_Result HttpExchange::receive(MHD_Connection* connection, std::string_view piece) {
  if (told_) return MHD_YES;
  received_ += piece.size();
  if (received_ > around_.limits.drained_bytes) {
    told_ = around_.watch.refuse_body(watched(connection), wire_text(too_large()));
    return told_ ? MHD_YES : MHD_NO;
  }
  refused_ = refused_ || received_ > around_.limits.body_bytes;
  if (refused_) {
    ask_.body.clear();
  } else {
    ask_.body.append(piece);
  }
  return MHD_YES;
}

HttpReply HttpExchange::refuse(int status, std::string_view detail) const {
  return around_.refuse(ask_, status, detail);
}

HttpReply HttpExchange::too_large() const {
  return refuse(413, "The body is larger than this service takes.");
}

}  // namespace passgate::sync
