// SPDX-License-Identifier: Apache-2.0
#include "sim/http/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <optional>

#include "sim/http/late_answers.h"

namespace passgate::sim {
namespace {

/// Above the limit we still accept a few, to say 503 instead of leaving the
/// client hanging in the backlog.
constexpr unsigned kConnectionsToRefuse = 32;
constexpr int kContentTooLarge = 413;  // RFC 9110 §15.5.14

using ResponsePtr = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

/// One request on its way in, and its answer on its way out.
struct Exchange {
  std::string raw_target;
  HttpRequest request;
  bool begun = false;
  std::optional<HttpResponse> response;
  bool held = false;
};

ssize_t read_half(void* body, std::uint64_t position, char* to, std::size_t room) {
  const auto& text = *static_cast<const std::string*>(body);
  const std::size_t half = text.size() / 2;
  const auto at = static_cast<std::size_t>(position);
  if (at >= half) return MHD_CONTENT_READER_END_WITH_ERROR;
  const std::size_t count = std::min(room, half - at);
  std::memcpy(to, text.data() + at, count);
  return static_cast<ssize_t>(count);
}

void free_body(void* body) {
  delete static_cast<std::string*>(body);
}

ResponsePtr make_response(const HttpResponse& from) {
  MHD_Response* made = nullptr;
  if (from.delivery == Delivery::cut_off) {
    made = MHD_create_response_from_callback(from.body.size(), 4096, &read_half,
                                             new std::string(from.body), &free_body);
  } else {
    // The signature predates const; with MUST_COPY nothing is written.
    made = MHD_create_response_from_buffer(from.body.size(), const_cast<char*>(from.body.data()),
                                           MHD_RESPMEM_MUST_COPY);
  }
  ResponsePtr response(made, &MHD_destroy_response);
  if (!response) return response;
  if (!from.content_type.empty()) {
    MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_TYPE, from.content_type.c_str());
  }
  for (const auto& [name, value] : from.headers) {
    MHD_add_response_header(made, name.c_str(), value.c_str());
  }
  return response;
}

MHD_Result send(MHD_Connection* connection, const HttpResponse& what, bool close = false) {
  if (what.delivery == Delivery::none) return MHD_NO;  // closes the connection
  const ResponsePtr response = make_response(what);
  if (!response) return MHD_NO;
  if (close) MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONNECTION, "close");
  return MHD_queue_response(connection, static_cast<unsigned>(what.status), response.get());
}

MHD_Result collect_header(void* request, MHD_ValueKind /*kind*/, const char* name,
                          const char* value) {
  std::string key = name;
  std::ranges::transform(key, key.begin(), [](unsigned char c) { return std::tolower(c); });
  static_cast<HttpRequest*>(request)->headers.insert_or_assign(std::move(key),
                                                               value == nullptr ? "" : value);
  return MHD_YES;
}

HttpResponse plain_error(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = fmt::format(R"({{"error":"{}"}})", text);
  return response;
}

}  // namespace

struct HttpServer::Daemon {
  ServerLimits limits;
  Handler handler;
  LateAnswers late;
  MHD_Daemon* mhd = nullptr;
  std::uint32_t ipv4 = 0;
  std::uint16_t port = 0;

  ~Daemon() {
    // A suspended connection must be resumed before the daemon may stop.
    late.stop();
    if (mhd != nullptr) MHD_stop_daemon(mhd);
  }

  static void* on_target(void* /*self*/, const char* raw, MHD_Connection* /*connection*/) {
    auto exchange = std::make_unique<Exchange>();
    exchange->raw_target = raw;
    return exchange.release();
  }

  static void on_completed(void* /*self*/, MHD_Connection* /*connection*/, void** state,
                           MHD_RequestTerminationCode /*why*/) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* /*url*/,
                               const char* method, const char* /*version*/, const char* data,
                               std::size_t* size, void** state) {
    auto& daemon = *static_cast<Daemon*>(self);
    auto& exchange = *static_cast<Exchange*>(*state);
    if (!exchange.begun) {
      exchange.begun = true;
      exchange.request.method = method;
      MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect_header, &exchange.request);
      return daemon.begin(connection, exchange);
    }
    if (*size > 0) {
      const bool fits = daemon.receive(exchange, {data, *size});
      *size = 0;
      return fits ? MHD_YES : MHD_NO;
    }
    return daemon.finish(connection, exchange);
  }

  /// The daemon is asked for through the connection: requests may come before
  /// `mhd` is assigned.
  bool crowded(MHD_Connection* connection) const {
    const auto* of = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON);
    if (of == nullptr) return true;
    const auto* info = MHD_get_daemon_info(of->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info != nullptr && info->num_connections > limits.connections;
  }

  /// What can be refused before the body comes is refused before it comes.
  MHD_Result begin(MHD_Connection* connection, Exchange& exchange) const {
    if (crowded(connection))
      return send(connection, plain_error(503, "too many connections"), true);
    const auto announced = exchange.request.header("content-length").value_or("0");
    std::uint64_t length = 0;
    const auto read =
        std::from_chars(announced.data(), announced.data() + announced.size(), length);
    if (read.ec != std::errc{} || length > limits.body_bytes) {
      return send(connection, plain_error(kContentTooLarge, "body too large"), true);
    }
    auto target = parse_target(exchange.raw_target);
    if (!target) return send(connection, plain_error(400, "bad target"), true);
    exchange.request.target = std::move(*target);
    return MHD_YES;
  }

  /// A chunked body announces no length: it is cut off in the middle.
  bool receive(Exchange& exchange, std::string_view data) const {
    if (data.size() > limits.body_bytes - exchange.request.body.size()) return false;
    exchange.request.body.append(data);
    return true;
  }

  HttpResponse ask(const HttpRequest& request) const {
    try {
      return handler(request);
    } catch (const std::exception&) {
      return plain_error(500, "the sandbox failed");
    }
  }

  MHD_Result finish(MHD_Connection* connection, Exchange& exchange) {
    if (!exchange.response) exchange.response = ask(exchange.request);
    const auto delay = std::min(exchange.response->delay, limits.max_delay);
    if (delay > Milliseconds{0} && !exchange.held) {
      exchange.held = true;
      const bool waits = late.hold(
          delay, [&] { MHD_suspend_connection(connection); },
          [connection] { MHD_resume_connection(connection); });
      if (waits) return MHD_YES;  // called again after the resume
    }
    return send(connection, *exchange.response);
  }
};

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(Errc::bad_value);
  const std::string host(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  ListenAddress listen;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), listen.port);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
    return fail(Errc::bad_value);
  }
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) != 1) return fail(Errc::bad_value);
  listen.ipv4 = ntohl(address.s_addr);
  if (listen.ipv4 >> 24 != 127) return fail(Errc::bad_value);
  return listen;
}

Result<HttpServer> HttpServer::start(const ListenAddress& listen, const ServerLimits& limits,
                                     Handler handler) {
  auto daemon = std::make_unique<Daemon>();
  daemon->limits = limits;
  daemon->handler = std::move(handler);
  daemon->ipv4 = listen.ipv4;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listen.port);
  address.sin_addr.s_addr = htonl(listen.ipv4);
  daemon->mhd = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, listen.port, nullptr, nullptr,
      &Daemon::on_request, daemon.get(), MHD_OPTION_SOCK_ADDR, &address,
      MHD_OPTION_CONNECTION_LIMIT, limits.connections + kConnectionsToRefuse,
      MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_s, MHD_OPTION_URI_LOG_CALLBACK, &Daemon::on_target,
      daemon.get(), MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, daemon.get(),
      MHD_OPTION_END);
  if (daemon->mhd == nullptr) return fail(Errc::unreachable, errno);
  const auto* info = MHD_get_daemon_info(daemon->mhd, MHD_DAEMON_INFO_BIND_PORT);
  if (info == nullptr) return fail(Errc::unreachable);
  daemon->port = info->port;
  return HttpServer(std::move(daemon));
}

HttpServer::HttpServer(std::unique_ptr<Daemon> daemon) noexcept : daemon_(std::move(daemon)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept {
  return daemon_->port;
}

std::string HttpServer::url() const {
  return fmt::format("http://{}.{}.{}.{}:{}", daemon_->ipv4 >> 24, daemon_->ipv4 >> 16 & 0xFF,
                     daemon_->ipv4 >> 8 & 0xFF, daemon_->ipv4 & 0xFF, daemon_->port);
}

}  // namespace passgate::sim
