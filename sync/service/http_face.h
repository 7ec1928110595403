// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret.h"
#include "runtime/unix_socket.h"
#include "sync/service/connection_watch.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

/// The HTTP/1.1 server of passgate-syncd, on libmicrohttpd: a few threads. A new
/// connection goes to one that is free and has the fewest, so that an answer that
/// has to be waited for holds up only a part of the others. Everything a peer can send is bounded
/// in bytes and time, and what is refused is told why as long as the peer listens.
class HttpFace {
 public:
  /// Called on several threads at once, one request a thread. What it throws
  /// becomes a 500 without words.
  using Handler = std::function<HttpReply(const HttpAsk&)>;
  /// What a request is refused with before the handler is asked. Of `ask` there is
  /// what could be read so far. @param detail  For a person; our own words.
  using Refuse = std::function<HttpReply(const HttpAsk& ask, int status, std::string_view detail)>;

  struct Tls {
    std::string certificate;  ///< PEM, with its chain.
    SecretBytes key;          ///< PEM, not encrypted.
  };
  struct Limits {
    ConnectionWatch::Limits connections;
    unsigned silence_s = 10;                           ///< Then a connection is closed.
    std::size_t head_bytes = std::size_t{32} << 10;    ///< Of a request's head. Above: 431.
    std::size_t body_bytes = std::size_t{256} << 10;   ///< Above: 413.
    std::size_t drained_bytes = std::size_t{1} << 20;  ///< A larger body is not even read.
    unsigned threads = 4;                              ///< Beside the one that accepts.
    std::size_t streams = 64;                          ///< Of all addresses; the next is told 503.
  };
  struct Settings {
    std::vector<std::string> listen;  ///< As in HttpConfig; at least one.
    std::optional<Tls> tls;           ///< Needed beyond this machine.
    Limits limits;
    Refuse refuse = nullptr;                            ///< Null: as a problem (problem.h).
    std::vector<runtime::FileDescriptor> sockets = {};  ///< Beside `listen`: they listen already.
  };

  /// Serves from here on. Fails with a sentence for the operator.
  static std::expected<HttpFace, std::string> start(Settings settings, Handler handler);
  HttpFace(HttpFace&&) noexcept;
  HttpFace& operator=(HttpFace&&) noexcept;
  /// Ends every stream and closes every connection; returns when the handler cannot run any more,
  /// which takes no longer than the handler itself.
  ~HttpFace();

  /// Streams that are being sent.
  std::size_t streams() const;
  /// In the order of `listen`, then of `sockets`; 0 for a unix socket.
  std::vector<std::uint16_t> ports() const;

 private:
  struct Server;
  explicit HttpFace(std::unique_ptr<Server> server) noexcept;
  std::unique_ptr<Server> server_;  ///< Keeps libmicrohttpd out of this header.
};

}  // namespace passgate::sync
