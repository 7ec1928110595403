// SPDX-License-Identifier: Apache-2.0
#include "runtime/socket_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "runtime/socket_connection.h"

namespace passgate::runtime {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kBeat{1000};
/// How long a closed connection may take to read what was queued for it.
constexpr Milliseconds kFinishWithin{5000};
/// Without descriptors left accept(2) fails at once, again and again.
constexpr Milliseconds kAcceptPause{100};
/// Messages of one client in one round: a busy one does not starve the others.
constexpr int kMessagesPerRound = 32;
constexpr int kAcceptsPerRound = 16;

}  // namespace

struct SocketServer::Loop {
  Options options;
  std::vector<UnixListener> listeners;
  FileDescriptor waker;
  std::atomic<bool> stopping{false};
  std::atomic<bool> woken{false};
  std::atomic<steady_clock::rep> beat{steady_clock::now().time_since_epoch().count()};

  // The server's thread only.
  std::map<ClientId, SocketConnection> clients;
  ClientId last_id = 0;
  MonoTime accept_from{};
  std::vector<pollfd> polled;  ///< Waker, listeners, clients in the map's order.

  void notify() noexcept;
  void take_notifications() noexcept;
  void wait();
  void accept_all(std::size_t listener, MonoTime now);
  void reap(Service& service, MonoTime now);
  void queue(SocketConnection& client, const Message& message);
  void hand_over(SocketServer& server, Service& service, ClientId id, SocketConnection& client,
                 const Message& message);
  void dispatch(SocketServer& server, Service& service, ClientId id, SocketConnection& client);
  static void write(SocketServer& server, Service& service, ClientId id, SocketConnection& client);
  void serve(SocketServer& server, Service& service);
  void end(Service& service);
};

void SocketServer::Loop::notify() noexcept {
  const std::uint64_t one = 1;
  // Full is as good as written: the descriptor is readable either way.
  [[maybe_unused]] const ssize_t written = ::write(waker.get(), &one, sizeof one);
}

void SocketServer::Loop::take_notifications() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(waker.get(), &count, sizeof count);
}

void SocketServer::Loop::wait() {
  const MonoTime now = steady_clock::now();
  const bool accepting = now >= accept_from;
  MonoTime until = now + kBeat;
  if (!accepting) until = std::min(until, accept_from);
  polled.clear();
  polled.push_back({waker.get(), POLLIN, 0});
  for (const auto& listener : listeners) {
    polled.push_back({accepting ? listener.fd() : -1, POLLIN, 0});
  }
  for (const auto& [id, client] : clients) {
    polled.push_back({client.fd(), client.events(), 0});
    if (client.has_more()) until = now;
  }
  if (::poll(polled.data(), polled.size(), poll_timeout(until, now, kBeat)) < 0) {
    for (auto& one : polled) one.revents = 0;  // Interrupted: undefined otherwise.
  }
}

void SocketServer::Loop::accept_all(std::size_t listener, MonoTime now) {
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    FileDescriptor fd(
        ::accept4(listeners[listener].fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() < 0) {
      const bool starved =
          errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (starved) accept_from = now + kAcceptPause;
      return;
    }
    if (clients.size() >= options.max_clients) continue;  // Closed at once.
    clients.try_emplace(++last_id, std::move(fd), listener);
  }
}

void SocketServer::Loop::queue(SocketConnection& client, const Message& message) {
  auto frame = encode_frame(message);
  // The peer waits for an answer: it gets one, if only that there is none.
  if (!frame) frame = encode_frame({{"type", "error"}, {"error", name(frame.error().code())}});
  if (frame) client.queue(*frame, options.max_backlog);
}

void SocketServer::Loop::hand_over(SocketServer& server, Service& service, ClientId id,
                                   SocketConnection& client, const Message& message) {
  try {
    service.on_message(server, client.listener(), id, message);
  } catch (const Message::exception&) {
    // A member is missing or of the wrong type: the request's fault, not ours.
    queue(client, {{"type", "error"}, {"error", name(Errc::bad_value)}});
  }
}

void SocketServer::Loop::dispatch(SocketServer& server, Service& service, ClientId id,
                                  SocketConnection& client) {
  client.set_has_more(false);
  for (int i = 0; client.is_open(); ++i) {
    const auto message = client.next();
    if (!message) {
      queue(client, {{"type", "error"}, {"error", name(message.error().code())}});
      client.finish(steady_clock::now() + kFinishWithin);
    } else if (!*message) {
      // The peer may have closed its half only, and still wait for answers.
      if (client.peer_finished()) client.finish(steady_clock::now() + kFinishWithin);
      return;
    } else {
      hand_over(server, service, id, client, **message);
      if (i + 1 < kMessagesPerRound) continue;
      client.set_has_more(true);
      return;
    }
  }
}

void SocketServer::Loop::write(SocketServer& server, Service& service, ClientId id,
                               SocketConnection& client) {
  if (client.write_some() && client.is_open()) service.on_drained(server, id);
}

void SocketServer::Loop::serve(SocketServer& server, Service& service) {
  // Callbacks queue and close, but never add or remove a connection, and new
  // ones are accepted later: the map still has the order in which it was polled.
  std::size_t index = 1 + listeners.size();
  for (auto& [id, client] : clients) {
    const short happened = polled[index++].revents;
    const bool broken = (happened & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    if (broken && !client.is_open()) client.drop();  // Nobody is left to read the rest.
    if ((happened & POLLOUT) != 0) write(server, service, id, client);
    const bool has_more = client.has_more();
    const bool readable = broken || (happened & POLLIN) != 0;
    if (readable && !has_more && client.is_open()) client.read_some();
    if (!has_more && !readable) continue;
    dispatch(server, service, id, client);
    // An answer mostly fits at once: no other round to be told that there is room.
    if (client.unsent() > 0) write(server, service, id, client);
  }
}

void SocketServer::Loop::reap(Service& service, MonoTime now) {
  for (auto it = clients.begin(); it != clients.end();) {
    if (!it->second.is_over(now)) {
      ++it;
      continue;
    }
    const ClientId id = it->first;
    it = clients.erase(it);
    service.on_closed(id);
  }
}

void SocketServer::Loop::end(Service& service) {
  for (auto& [id, client] : clients) client.write_some();
  while (!clients.empty()) {
    const ClientId id = clients.begin()->first;
    clients.erase(clients.begin());
    service.on_closed(id);
  }
}

Result<std::unique_ptr<SocketServer>> SocketServer::bind(
    const std::vector<std::filesystem::path>& paths, const Options& options) {
  auto loop = std::make_unique<Loop>();
  loop->options = options;
  loop->waker = FileDescriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (loop->waker.get() < 0) return fail(Errc::unreachable, errno);
  for (const auto& path : paths) {
    auto listener = UnixListener::bind(path);
    if (!listener) return std::unexpected(listener.error());
    loop->listeners.push_back(std::move(*listener));
  }
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(loop)));
}

SocketServer::SocketServer(std::unique_ptr<Loop> loop) noexcept : loop_(std::move(loop)) {}
SocketServer::~SocketServer() = default;

void SocketServer::run(Service& service) {
  while (!loop_->stopping.load()) {
    loop_->beat.store(steady_clock::now().time_since_epoch().count());
    loop_->wait();
    if (loop_->polled.front().revents != 0) loop_->take_notifications();
    if (loop_->woken.exchange(false)) service.on_wake(*this);
    loop_->serve(*this, service);
    const MonoTime now = steady_clock::now();
    loop_->reap(service, now);
    for (std::size_t i = 0; i < loop_->listeners.size(); ++i) {
      if (loop_->polled[1 + i].revents != 0) loop_->accept_all(i, now);
    }
  }
  loop_->end(service);
}

void SocketServer::stop() noexcept {
  loop_->stopping.store(true);
  loop_->notify();
}

void SocketServer::wake() noexcept {
  loop_->woken.store(true);
  loop_->notify();
}

MonoTime SocketServer::last_beat() const noexcept {
  return MonoTime(steady_clock::duration(loop_->beat.load()));
}

void SocketServer::send(ClientId client, const Message& message) {
  const auto found = loop_->clients.find(client);
  if (found != loop_->clients.end()) loop_->queue(found->second, message);
}

void SocketServer::close(ClientId client) {
  const auto found = loop_->clients.find(client);
  if (found != loop_->clients.end()) found->second.finish(steady_clock::now() + kFinishWithin);
}

std::size_t SocketServer::backlog(ClientId client) const {
  const auto found = loop_->clients.find(client);
  return found == loop_->clients.end() ? 0 : found->second.unsent();
}

}  // namespace passgate::runtime
