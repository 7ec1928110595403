// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// Where to listen. Loopback only: a sandbox with made-up rules has no business
/// on a network.
struct ListenAddress {
  std::uint32_t ipv4 = 0x7F000001;  ///< Host order.
  std::uint16_t port = 0;           ///< 0: the kernel picks.

  /// "127.0.0.1:8080". Errors: bad_value.
  static Result<ListenAddress> parse(std::string_view text);
};

struct ServerLimits {
  unsigned connections = 256;                     ///< Above it: 503.
  unsigned idle_s = 30;                           ///< A silent connection is closed after this.
  std::size_t body_bytes = std::size_t{1} << 20;  ///< Above it: 413.
  Milliseconds max_delay{60'000};                 ///< A delayed answer waits no longer.
};

/// An HTTP/1.1 server on libmicrohttpd with one thread of its own. The handler
/// runs on that thread, one request at a time, and may therefore keep plain
/// state; delayed answers do not hold up other connections. The destructor
/// closes every connection and returns when the handler can no longer run.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Errors: unreachable (the address cannot be bound).
  static Result<HttpServer> start(const ListenAddress& listen, const ServerLimits& limits,
                                  Handler handler);
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  ~HttpServer();

  std::uint16_t port() const noexcept;
  std::string url() const;  ///< "http://127.0.0.1:PORT", no slash at the end.

 private:
  struct Daemon;
  explicit HttpServer(std::unique_ptr<Daemon> daemon) noexcept;
  std::unique_ptr<Daemon> daemon_;  ///< Keeps libmicrohttpd out of this header.
};

}  // namespace passgate::sim
