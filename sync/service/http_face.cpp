// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_face.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <microhttpd.h>

#include <algorithm>

#include "sync/service/http_exchange.h"
#include "sync/service/listen_socket.h"
#include "sync/service/open_streams.h"
#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const noexcept { MHD_stop_daemon(daemon); }
};
using DaemonPtr = std::unique_ptr<MHD_Daemon, StopDaemon>;

constexpr auto kPriorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/// libmicrohttpd wants zero-terminated text.
SecretBytes terminated(const SecretBytes& text) {
  SecretBytes copy(text.size() + 1);
  std::ranges::copy(text.expose(), copy.writable().begin());
  return copy;
}

}  // namespace

// Daemons come last: they stop before what their threads use goes.
struct HttpFace::Server {
  Server(Settings from, Handler to)
      : limits(from.limits),
        handler(std::move(to)),
        refuse(from.refuse ? std::move(from.refuse)
                           : [](const HttpAsk& /*ask*/, int status,
                                std::string_view detail) { return problem(status, detail); }),
        certificate(from.tls ? from.tls->certificate : ""),
        key(from.tls ? terminated(from.tls->key) : SecretBytes()),
        encrypted(from.tls.has_value()),
        watch(from.limits.connections, !encrypted),
        streams(from.limits.streams) {}
  ~Server() { streams.end_all(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const Limits limits;
  const Handler handler;
  const Refuse refuse;
  const std::string certificate;
  const SecretBytes key;
  const bool encrypted;
  ConnectionWatch watch;
  OpenStreams streams;
  const HttpExchange::Surroundings surroundings{limits, handler, refuse, watch, streams};
  std::vector<ListenSocket> sockets;
  std::vector<DaemonPtr> daemons;

  /// Above the limit of all our addresses together a peer is hung up on: left in
  /// the backlog, it would wait for nothing.
  static MHD_Result on_accept(void* self, const sockaddr* /*peer*/, socklen_t /*size*/) {
    return static_cast<Server*>(self)->watch.has_room() ? MHD_YES : MHD_NO;
  }

  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode what) {
    auto& server = *static_cast<Server*>(self);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
      *context = &server.watch.opened(info->connect_fd);
    } else {
      server.watch.closed(*static_cast<ConnectionWatch::Connection*>(*context));
    }
  }

  static void* on_target(void* self, const char* raw, MHD_Connection* /*connection*/) {
    return std::make_unique<HttpExchange>(static_cast<Server*>(self)->surroundings, raw).release();
  }

  static MHD_Result on_request(void* /*self*/, MHD_Connection* connection, const char* /*url*/,
                               const char* method, const char* /*version*/, const char* data,
                               std::size_t* size, void** state) {
    return static_cast<HttpExchange*>(*state)->step(connection, method, {data, *size}, *size);
  }

  static void on_completed(void* self, MHD_Connection* connection, void** state,
                           MHD_RequestTerminationCode /*why*/) {
    const std::unique_ptr<HttpExchange> ended(static_cast<HttpExchange*>(*state));
    *state = nullptr;
    static_cast<Server*>(self)->watch.answered(watched(connection));
  }

  /// Null: it cannot be started.
  DaemonPtr serve(const ListenSocket& socket) {
    // The daemon closes what it is given; the name of a unix socket is ours.
    const int fd = ::fcntl(socket.fd(), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return nullptr;
    const auto text = [](const void* bytes) { return const_cast<void*>(bytes); };
    const MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, text(certificate.c_str())},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, text(key.expose().data())},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, text(kPriorities)},
        {MHD_OPTION_END, 0, nullptr},
    };
    // Larger than what `on_accept` lets in, for at its own limit the daemon
    // stops accepting and says nothing. Its threads share that limit evenly and
    // the connections unevenly, so each gets room for all of them, and for what
    // the others let in at the same moment.
    const unsigned most =
        (limits.connections.served + limits.connections.refused + limits.threads) * limits.threads;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (encrypted) flags |= MHD_USE_TLS;
    DaemonPtr daemon(MHD_start_daemon(
        flags, 0, &on_accept, this, &on_request, this, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, limits.threads, MHD_OPTION_CONNECTION_LIMIT, most,
        MHD_OPTION_CONNECTION_TIMEOUT, limits.silence_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        limits.head_bytes, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, &on_target,
        this, MHD_OPTION_NOTIFY_CONNECTION, &on_connection, this, MHD_OPTION_NOTIFY_COMPLETED,
        &on_completed, this, MHD_OPTION_ARRAY, encrypted ? tls : &tls[3], MHD_OPTION_END));
    return daemon;
  }
};

std::expected<HttpFace, std::string> HttpFace::start(Settings settings, Handler handler) {
  auto names = std::move(settings.listen);
  auto given = std::move(settings.sockets);
  if (names.empty() && given.empty()) {
    return std::unexpected("[http]: no address to listen at");
  }
  const auto allowed =
      settings.tls ? ListenSocket::Reach::anywhere : ListenSocket::Reach::this_machine;
  auto server = std::make_unique<Server>(std::move(settings), std::move(handler));
  const auto add = [&server](std::expected<ListenSocket, std::string> socket) {
    if (!socket) return std::move(socket.error());
    server->sockets.push_back(std::move(*socket));
    return std::string();
  };
  for (const auto& address : names) {
    if (auto why = add(ListenSocket::open(address, allowed)); !why.empty()) {
      return std::unexpected(std::move(why));
    }
  }
  for (auto& socket : given) {
    names.emplace_back("a socket of the service manager");
    if (auto why = add(ListenSocket::adopt(std::move(socket), allowed)); !why.empty()) {
      return std::unexpected(std::move(why));
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto daemon = server->serve(server->sockets[i]);
    if (daemon == nullptr) {
      return std::unexpected(
          fmt::format("{}: cannot be served{}", names[i],
                      server->encrypted ? "; do tls_cert and tls_key belong together?" : ""));
    }
    server->daemons.push_back(std::move(daemon));
  }
  return HttpFace(std::move(server));
}

HttpFace::HttpFace(std::unique_ptr<Server> server) noexcept : server_(std::move(server)) {}
HttpFace::HttpFace(HttpFace&&) noexcept = default;
HttpFace& HttpFace::operator=(HttpFace&&) noexcept = default;
HttpFace::~HttpFace() = default;

std::size_t HttpFace::streams() const {
  return server_->streams.count();
}

std::vector<std::uint16_t> HttpFace::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& socket : server_->sockets) ports.push_back(socket.port());
  return ports;
}

}  // namespace passgate::sync
