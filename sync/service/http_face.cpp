// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_face.h"

#include <fmt/format.h>
#include <microhttpd.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "sync/service/acceptor.h"
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

// The workers and the acceptor come last: they stop before what their threads use goes.
struct HttpFace::Server {
  /// A daemon of one thread.
  struct Worker {
    explicit Worker(Server& of) : server(of) {}

    Server& server;
    std::atomic<bool> inside{false};       ///< The handler is running.
    std::atomic<unsigned> connections{0};  ///< Those on their way to it, too.
    DaemonPtr daemon;                      ///< Stops before what it counts in goes.
  };

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
  std::vector<std::unique_ptr<Worker>> workers;
  std::optional<Acceptor> acceptor;

  /// Above the limit of all our addresses together a peer is hung up on: left in
  /// the backlog, it would wait for nothing.
  void take(runtime::FileDescriptor connection, const sockaddr* peer, socklen_t size) {
    if (!watch.reserve()) return;
    // Nobody who comes later waits for another one's handler while a thread is free.
    Worker& worker = **std::ranges::min_element(workers, {}, [](const auto& one) {
      return std::pair(one->inside.load(), one->connections.load());
    });
    ++worker.connections;
    // The socket is the daemon's from here on, also when it says no.
    if (MHD_add_connection(worker.daemon.get(), connection.release(), peer, size) == MHD_YES)
      return;
    --worker.connections;
    watch.give_back();
  }

  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode what) {
    auto& worker = *static_cast<Worker*>(self);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
      *context = &worker.server.watch.opened(info->connect_fd);
    } else {
      worker.server.watch.closed(*static_cast<ConnectionWatch::Connection*>(*context));
      --worker.connections;
    }
  }

  static void* on_target(void* self, const char* raw, MHD_Connection* /*connection*/) {
    const auto& surroundings = static_cast<Worker*>(self)->server.surroundings;
    return std::make_unique<HttpExchange>(surroundings, raw).release();
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* /*url*/,
                               const char* method, const char* /*version*/, const char* data,
                               std::size_t* size, void** state) {
    auto& worker = *static_cast<Worker*>(self);
    worker.inside = true;
    const auto result =
        static_cast<HttpExchange*>(*state)->step(connection, method, {data, *size}, *size);
    worker.inside = false;
    return result;
  }

  static void on_completed(void* self, MHD_Connection* connection, void** state,
                           MHD_RequestTerminationCode /*why*/) {
    const std::unique_ptr<HttpExchange> ended(static_cast<HttpExchange*>(*state));
    *state = nullptr;
    static_cast<Worker*>(self)->server.watch.answered(watched(connection));
  }

  /// Null: it cannot be started.
  DaemonPtr start_daemon(Worker* self) {
    const auto text = [](const void* bytes) { return const_cast<void*>(bytes); };
    const MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, text(certificate.c_str())},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, text(key.expose().data())},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, text(kPriorities)},
        {MHD_OPTION_END, 0, nullptr},
    };
    // Each has room for all that `take` lets in: they end at different times.
    const unsigned most = limits.connections.served + limits.connections.refused;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
                     MHD_ALLOW_SUSPEND_RESUME;
    if (encrypted) flags |= MHD_USE_TLS;
    return DaemonPtr(MHD_start_daemon(
        flags, 0, nullptr, nullptr, &on_request, self, MHD_OPTION_CONNECTION_LIMIT, most,
        MHD_OPTION_CONNECTION_TIMEOUT, limits.silence_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        limits.head_bytes, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, &on_target,
        self, MHD_OPTION_NOTIFY_CONNECTION, &on_connection, self, MHD_OPTION_NOTIFY_COMPLETED,
        &on_completed, self, MHD_OPTION_ARRAY, encrypted ? tls : &tls[3], MHD_OPTION_END));
  }

  /// False: it cannot be served.
  bool serve() {
    for (unsigned i = 0; i < limits.threads; ++i) {
      auto& worker = *workers.emplace_back(std::make_unique<Worker>(*this));
      worker.daemon = start_daemon(&worker);
      if (worker.daemon == nullptr) return false;
    }
    std::vector<int> listening;
    listening.reserve(sockets.size());
    for (const auto& socket : sockets) listening.push_back(socket.fd());
    acceptor.emplace(listening, [this](auto connection, const sockaddr* peer, socklen_t size) {
      take(std::move(connection), peer, size);
    });
    return true;
  }
};

std::expected<HttpFace, std::string> HttpFace::start(Settings settings, Handler handler) {
  const auto addresses = std::move(settings.listen);
  auto given = std::move(settings.sockets);
  if (addresses.empty() && given.empty()) {
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
  for (const auto& address : addresses) {
    if (auto why = add(ListenSocket::open(address, allowed)); !why.empty()) {
      return std::unexpected(std::move(why));
    }
  }
  for (auto& socket : given) {
    if (auto why = add(ListenSocket::adopt(std::move(socket), allowed)); !why.empty()) {
      return std::unexpected(std::move(why));
    }
  }
  if (!server->serve()) {
    return std::unexpected(
        fmt::format("[http]: cannot be served{}",
                    server->encrypted ? "; do tls_cert and tls_key belong together?" : ""));
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
