// SPDX-License-Identifier: Apache-2.0
#include "sync/app.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "core/bytes.h"
#include "core/keyboard_device.h"
#include "core/require.h"
#include "crypto/digest.h"
#include "sync/http/retry_after.h"
#include "sync/metrics.h"
#include "sync/state_folders.h"
#include "sync/status_report.h"

namespace passgate::sync {

namespace {

constexpr std::chrono::seconds kServerSilence{10};  // Its loop goes round every second.
constexpr std::size_t kPruneAtOnce = 1000;
constexpr std::chrono::hours kPushesKept{24 * 8};  // Longer than any provider repeats one.

/// Evenly in [0, 1), from the system's random source: jitter is drawn rarely.
double draw() {
  std::array<std::uint8_t, 4> bytes{};
  crypto::random_fill(bytes);
  return be32(bytes) / 4294967296.0;
}

StartFailure no_storage(const std::filesystem::path& path, const Error& error) {
  return {EX_IOERR, fmt::format("{}: cannot be opened ({}, {})", path.string(), name(error.code()),
                                error.detail())};
}

/// The mirror can be fetched again: a damaged one is set aside, not mourned.
Result<PassesStore> open_passes(const std::filesystem::path& path, const runtime::Log& log) {
  auto passes = PassesStore::open(path);
  if (passes || passes.error().code() != Errc::storage_corrupt) return passes;
  log(runtime::Level::error, "the mirror is damaged: set aside, a new one is fetched",
      passes.error(), {{"file", path.string()}});
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::rename(path.string() + suffix, path.string() + ".damaged" + suffix, ignored);
  }
  return PassesStore::open(path);
}

/// The till, where it is another machine.
std::optional<runtime::TcpPlace> till_of(const runtime::Config& config) {
  const auto device = keyboard_device(config.keyboard.device);
  if (!device || device->kind != KeyboardKind::tcp) return std::nullopt;
  return runtime::tcp_place(device->target);
}

}  // namespace

// The thread comes last: it ends before what it uses goes.
struct App::ProviderRun {
  ProviderRun(ProviderSetup setup, App& app)
      : kind(std::move(setup.kind)),
        provider(std::move(setup.provider)),
        worker(std::move(setup.settings), {.provider = *provider,
                                           .http = http,
                                           .outbox = app.outbox_,
                                           .passes = app.passes_,
                                           .clock = app.clock_,
                                           .times = app.times_,
                                           .log = app.log_,
                                           .random = &draw}),
        thread(worker, http, app.log_) {}

  std::string kind;
  std::unique_ptr<Provider> provider;
  CurlClient http;
  ProviderWorker worker;
  WorkerThread thread;
};

struct App::SubscriberRun {
  /// One of the workers that share the subscriber's passes.
  struct Lane {
    Lane(SubscriberLink& link, Share share, App& app)
        : worker({.link = link,
                  .http = http,
                  .outbox = app.outbox_,
                  .clock = app.clock_,
                  .times = app.times_,
                  .log = app.log_,
                  .random = &draw},
                 share),
          thread(worker, http, app.log_) {}

    CurlClient http;
    DeliveryWorker worker;
    WorkerThread thread;
  };

  SubscriberRun(DeliveryWorker::Settings settings, App& app)
      : link(std::move(settings), app.clock_.monotonic(), [this] { ring(); }) {
    const auto count = link.settings().parallel;
    for (unsigned index = 0; index < count; ++index) {
      lanes.push_back(std::make_unique<Lane>(link, Share{index, count}, app));
    }
  }
  ~SubscriberRun() {
    // They ring each other: none may go while another one runs.
    stop();
    for (const auto& lane : lanes) lane->thread.join();
  }
  SubscriberRun(const SubscriberRun&) = delete;
  SubscriberRun& operator=(const SubscriberRun&) = delete;

  void start() {
    for (const auto& lane : lanes) lane->thread.start();
  }
  void ring() {
    for (const auto& lane : lanes) lane->thread.ring();
  }
  void stop() noexcept {
    for (const auto& lane : lanes) lane->thread.stop();
  }

  SubscriberLink link;
  std::vector<std::unique_ptr<Lane>> lanes;
};

std::expected<std::unique_ptr<App>, StartFailure> App::make(const runtime::Config& config,
                                                            Setup setup, const runtime::Log& log) {
  const auto& terminal = config.terminal;
  if (auto made = make_state_folders(terminal); !made) {
    return std::unexpected(StartFailure{EX_CANTCREAT, made.error()});
  }
  auto outbox = Outbox::open(terminal.outbox_db());
  if (!outbox) return std::unexpected(no_storage(terminal.outbox_db(), outbox.error()));
  auto passes = open_passes(terminal.passes_db(), log);
  if (!passes) return std::unexpected(no_storage(terminal.passes_db(), passes.error()));
  auto server = runtime::SocketServer::bind({terminal.sync_sock()}, {});
  if (!server) {
    return std::unexpected(StartFailure{
        EX_CANTCREAT, fmt::format("{}: cannot be served: {}", terminal.sync_sock().string(),
                                  std::generic_category().message(server.error().detail()))});
  }
  runtime::FileDescriptor stop_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  PG_REQUIRE(stop_fd.get() >= 0);
  std::unique_ptr<App> app(new App(config, log, std::move(*outbox), std::move(*passes),
                                   std::move(*server), std::move(stop_fd), setup));
  if (auto sane = app->outbox_.forget_impossible_times(app->times_.at(app->clock_.monotonic()),
                                                       kLongestRetryAfter);
      !sane) {
    return std::unexpected(no_storage(terminal.outbox_db(), sane.error()));
  }
  app->add_workers(setup);
  if (auto listening = app->listen(config, setup); !listening) {
    return std::unexpected(StartFailure{EX_CANTCREAT, listening.error()});
  }
  return app;
}

App::App(const runtime::Config& config, const runtime::Log& log, Outbox outbox, PassesStore passes,
         std::unique_ptr<runtime::SocketServer> server, runtime::FileDescriptor stop_fd,
         Setup& setup)
    : log_(log),
      terminal_(config.terminal.id),
      keep_(config.terminal.keep_days),
      outbox_(std::move(outbox)),
      passes_(std::move(passes)),
      server_(std::move(server)),
      stop_fd_(std::move(stop_fd)),
      stream_(config.terminal.core_sock(), std::move(setup.routes),
              {.outbox = outbox_,
               .clock = clock_,
               .times = times_,
               .log = log_,
               .random = &draw,
               .on_jobs = [this] { ring_all(); }},
              stop_fd_.get()),
      deliveries_(
          {.outbox = outbox_, .clock = clock_, .times = times_, .on_jobs = [this] { ring_all(); }}),
      remote_keys_(std::move(setup.decrypt_services), log),
      till_(till_of(config), log),
      service_([this] { return status(); }, [this] { return metrics(); }, deliveries_, remote_keys_,
               till_) {}

App::~App() {
  stop();
}

std::expected<void, std::string> App::listen(const runtime::Config& config, Setup& setup) {
  pushes_.emplace(
      std::move(setup.push_readers),
      PushRoute::Deps{
          .outbox = outbox_, .clock = clock_, .times = times_, .on_job = [this] { ring_all(); }});
  if (!setup.http) return {};
  site_.emplace(config, std::move(setup.clients), std::move(setup.hosts),
                HttpSite::Parts{.pushes = *pushes_,
                                .deliveries = deliveries_,
                                .status = [this] { return status(); },
                                .clock = clock_,
                                .log = log_,
                                .random = &draw},
                stop_fd_.get());
  setup.http->refuse = [this](const HttpAsk& ask, int status, std::string_view detail) {
    return site_->refuse(ask, status, detail);
  };
  auto face = HttpFace::start(std::move(*setup.http),
                              [this](const HttpAsk& ask) { return site_->answer(ask); });
  if (!face) return std::unexpected(face.error());
  http_.emplace(std::move(*face));
  return {};
}

void App::add_workers(Setup& setup) {
  for (auto& provider : setup.providers) {
    providers_.push_back(std::make_unique<ProviderRun>(std::move(provider), *this));
  }
  for (auto& subscriber : setup.subscribers) {
    subscribers_.push_back(std::make_unique<SubscriberRun>(std::move(subscriber), *this));
  }
}

void App::start() {
  remote_keys_.start([this] { server_->wake(); });
  till_.start([this] { server_->wake(); });
  server_thread_ = std::thread([this] { server_->run(service_); });
  for (const auto& run : providers_) run->thread.start();
  for (const auto& run : subscribers_) run->start();
  stream_thread_ = std::thread([this] { stream_.run(); });
  if (site_) live_thread_ = std::thread([this] { site_->run(); });
}

void App::stop() noexcept {
  // First everybody is told, then everybody is waited for.
  http_.reset();
  ::eventfd_write(stop_fd_.get(), 1);
  remote_keys_.stop();
  till_.stop();
  for (const auto& run : providers_) run->thread.stop();
  for (const auto& run : subscribers_) run->stop();
  if (server_thread_.joinable()) server_->stop();
  if (stream_thread_.joinable()) stream_thread_.join();
  if (live_thread_.joinable()) live_thread_.join();
  if (server_thread_.joinable()) server_thread_.join();
  providers_.clear();
  subscribers_.clear();
}

void App::ring_all() {
  for (const auto& run : providers_) run->thread.ring();
  for (const auto& run : subscribers_) run->ring();
}

bool App::alive() const {
  return clock_.monotonic() - server_->last_beat() < kServerSilence;
}

void App::tick() {
  if (auto pruned = outbox_.prune(clock_.now() - keep_, clock_.now() - kPushesKept, kPruneAtOnce);
      !pruned) {
    log_(runtime::Level::warning, "housekeeping failed", pruned.error());
  }
}

std::string App::metrics() {
  return site_ ? site_->metrics() : metrics_text(status(), clock_.now());
}

runtime::Message App::status() {
  runtime::Message status{{"type", "status"},
                          {"terminal", terminal_},
                          {"version", PASSGATE_VERSION},
                          {"core", stream_.connected() ? "connected" : "absent"}};
  const auto cursor = outbox_.cursor();
  status["cursor"] = cursor ? runtime::Message(*cursor) : runtime::Message(nullptr);
  status["providers"] = runtime::Message::array();
  for (const auto& run : providers_) {
    auto entry = status_of(run->worker, run->kind, outbox_, passes_);
    if (const auto counts = pushes_->counts(run->worker.settings().name)) {
      entry["pushes"] = status_of(*counts);
    }
    status["providers"].push_back(std::move(entry));
  }
  status["subscribers"] = runtime::Message::array();
  for (const auto& run : subscribers_) {
    status["subscribers"].push_back(status_of(run->link, outbox_, clock_.monotonic()));
  }
  if (auto till = till_.status(); !till.is_null()) status["till"] = std::move(till);
  return status;
}

}  // namespace passgate::sync
