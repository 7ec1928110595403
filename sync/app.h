// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/socket_server.h"
#include "runtime/system_clock.h"
#include "runtime/unix_socket.h"
#include "sync/journal_stream.h"
#include "sync/remote_keys.h"
#include "sync/service/http_site.h"
#include "sync/service/push_route.h"
#include "sync/setup.h"
#include "sync/status_service.h"
#include "sync/till_link.h"
#include "sync/worker_thread.h"

namespace passgate::sync {

/// What stopped a start, for the operator, with the exit status (sysexits.h).
struct StartFailure {
  int exit_status = 0;
  std::string message;
};

/// The composition root of passgate-syncd: a thread for each provider, `parallel`
/// of them for each subscriber, one for the journal stream, one for sync.sock,
/// and for what is served over HTTP one that follows passgated.
class App {
 public:
  /// Opens databases and sockets; nothing runs yet. `log` is borrowed.
  static std::expected<std::unique_ptr<App>, StartFailure> make(const runtime::Config& config,
                                                                Setup setup,
                                                                const runtime::Log& log);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  void start();
  /// Ends every thread, also one that waits for an answer. Called by ~App too.
  void stop() noexcept;

  /// Whether sync.sock is still served; for the watchdog.
  bool alive() const;
  /// Housekeeping, bounded; every now and then.
  void tick();

 private:
  struct ProviderRun;
  struct SubscriberRun;

  App(const runtime::Config& config, const runtime::Log& log, Outbox outbox, PassesStore passes,
      std::unique_ptr<runtime::SocketServer> server, runtime::FileDescriptor stop_fd, Setup& setup);
  void add_workers(Setup& setup);
  /// Fails with a sentence for the operator.
  std::expected<void, std::string> listen(const runtime::Config& config, Setup& setup);
  std::string metrics();
  runtime::Message status();
  void ring_all();

  const runtime::Log& log_;
  std::string terminal_;
  std::chrono::days keep_;
  runtime::SystemClock clock_;
  SteadyWall times_{clock_};
  Outbox outbox_;
  PassesStore passes_;
  std::unique_ptr<runtime::SocketServer> server_;
  runtime::FileDescriptor stop_fd_;
  JournalStream stream_;
  DeliveriesService deliveries_;
  RemoteKeys remote_keys_;
  TillLink till_;
  StatusService service_;
  std::vector<std::unique_ptr<ProviderRun>> providers_;
  std::vector<std::unique_ptr<SubscriberRun>> subscribers_;
  std::optional<PushRoute> pushes_;
  std::optional<HttpSite> site_;
  std::optional<HttpFace> http_;  ///< Goes first: its threads use all the rest.
  std::thread stream_thread_;
  std::thread live_thread_;
  std::thread server_thread_;
};

}  // namespace passgate::sync
