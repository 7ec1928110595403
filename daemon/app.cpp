// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sysexits.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/keyboard_device.h"
#include "daemon/live_feed.h"
#include "daemon/meeting.h"
#include "daemon/operator_acts.h"
#include "daemon/pass_inquiry.h"
#include "daemon/pass_terms.h"
#include "daemon/payload_opener.h"
#include "daemon/reader_choice.h"
#include "daemon/reader_supervisor.h"
#include "daemon/remote_sink.h"
#include "daemon/socket_service.h"
#include "daemon/tap_flow.h"
#include "daemon/tap_statistics.h"
#include "daemon/terminal_status.h"
#include "gate/claim_ledger.h"
#include "gate/journal.h"
#include "hid/open_sink.h"
#include "runtime/service_manager.h"
#include "runtime/socket_server.h"
#include "runtime/system_clock.h"
#include "terms/counted_zone.h"

namespace passgate::daemon {
namespace {

using namespace std::chrono_literals;
using runtime::Level;

constexpr Milliseconds kHousekeepingPause = 5s;
/// How soon a follower hears of what no event tells: a clock, a first wait.
constexpr Milliseconds kLookPause = 1s;
/// A gate is quiet when nobody tapped for this long: time for a checkpoint.
constexpr Milliseconds kQuiet = 2s;
/// Of an idle moment, for what follows from other terminals' records.
constexpr Milliseconds kSettling = 500ms;
/// The socket loop goes round once a second; older than this, it hangs.
constexpr Milliseconds kSocketBeat = 10s;
/// A pass takes a fraction of a second to type; only a text of thousands of
/// characters is cut short at stop.
constexpr Milliseconds kTypingGrace = 5s;

template <class T>
using Made = std::expected<T, StartupError>;

std::unexpected<StartupError> refuse(int code, std::string text) {
  return std::unexpected(StartupError{code, std::move(text)});
}

/// @param mode  Of the last folder; those above keep what they have or get 0755.
Made<void> make_folder(const std::filesystem::path& folder, ::mode_t mode) {
  std::error_code problem;
  std::filesystem::create_directories(folder.parent_path(), problem);
  if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) {
    return refuse(EX_CANTCREAT, fmt::format("{} cannot be made: {}", folder.string(),
                                            std::generic_category().message(errno)));
  }
  return {};
}

Made<gate::Journal> open_journal(const runtime::TerminalConfig& terminal) {
  if (auto made = make_folder(terminal.core_state(), 0700); !made) {
    return std::unexpected(made.error());
  }
  auto journal = gate::Journal::open({.path = terminal.journal_db()});
  if (!journal) {
    const Error& error = journal.error();
    return refuse(EX_CANTCREAT,
                  fmt::format("{} cannot be opened: {} ({}); docs/errors.md says what to do",
                              terminal.journal_db().string(), name(error.code()), error.detail()));
  }
  return std::move(*journal);
}

/// A till on another machine is passgate-syncd's to reach; the rest is here.
Result<std::unique_ptr<hid::Sink>> open_sink(const runtime::Config& config) {
  const runtime::KeyboardConfig& keyboard = config.keyboard;
  const auto device = keyboard_device(keyboard.device);
  if (!device || device->kind != KeyboardKind::tcp) {
    return hid::open_sink({.device = keyboard.device,
                           .layout = keyboard.layout,
                           .key_delay = keyboard.key_delay,
                           .baud = keyboard.baud,
                           .newline = keyboard.newline});
  }
  return RemoteSink::make({.sync_sock = config.terminal.sync_sock(),
                           .layout = keyboard.layout,
                           .newline = keyboard.newline});
}

Made<std::unique_ptr<hid::Sink>> open_keyboard(const runtime::Config& config) {
  const runtime::KeyboardConfig& keyboard = config.keyboard;
  auto sink = open_sink(config);
  if (!sink) {
    return refuse(EX_UNAVAILABLE,
                  fmt::format("keyboard {} (layout {}) cannot be opened: {} ({})", keyboard.device,
                              keyboard.layout, name(sink.error().code()), sink.error().detail()));
  }
  return std::move(*sink);
}

Made<std::unique_ptr<runtime::SocketServer>> bind_sockets(const runtime::TerminalConfig& terminal) {
  if (auto made = make_folder(terminal.core_sock().parent_path(), 0750); !made) {
    return std::unexpected(made.error());
  }
  auto server = runtime::SocketServer::bind({terminal.core_sock(), terminal.control_sock()}, {});
  if (!server) {
    const int why = server.error().detail();
    return refuse(why == EADDRINUSE ? EX_UNAVAILABLE : EX_CANTCREAT,
                  fmt::format("{} cannot be bound: {}", terminal.core_sock().string(),
                              why == EADDRINUSE ? "another passgated serves there"
                                                : std::generic_category().message(why)));
  }
  return std::move(*server);
}

/// Providers whose passes are void because we redeemed them.
std::set<std::string> voided_by_use(const runtime::Config& config) {
  std::set<std::string> names;
  for (const runtime::ProviderConfig& provider : config.providers) {
    if (provider.redeem.mode == "void") names.insert(provider.name);
  }
  return names;
}

/// Names that the configuration has checked.
std::vector<gate::Reason> reasons_named(const std::vector<std::string>& names) {
  std::vector<gate::Reason> reasons;
  reasons.reserve(names.size());
  for (const std::string& name : names) reasons.push_back(gate::reason_from(name).value());
  return reasons;
}

/// A reader that waits for a decryption service is not stuck.
ReaderTiming patience_with(const runtime::Config& config) {
  Milliseconds longest{0};
  for (const runtime::DecryptServiceConfig& service : config.decrypt_services) {
    longest = std::max(longest, service.timeout);
  }
  ReaderTiming timing;
  timing.stuck_after += longest;
  return timing;
}

}  // namespace

/// In the order of construction; destroyed in reverse, readers first.
struct App::Parts {
  const runtime::Config config;
  const runtime::Log& log;
  runtime::SystemClock clock;
  const std::string boot_id = runtime::boot_id();
  const MonoTime started = clock.monotonic();

  std::vector<PassTerms> passes;
  std::vector<terms::CountedZone> zones;
  gate::Journal journal;
  gate::AloneLedger claims;
  std::unique_ptr<hid::Sink> keyboard;
  LiveFeed feed;
  TapStatistics statistics;
  std::atomic<MonoTime> last_tap{started};
  gate::PassMirror mirror;  ///< The socket thread's own.

  std::unique_ptr<runtime::SocketServer> server;
  TerminalStatus status;
  PassInquiry inquiry;
  PayloadOpener opener;
  OperatorActs acts;
  Meeting meeting;
  SocketService service;
  ReaderSupervisor readers;

  Parts(const runtime::Config& c, const runtime::Log& l, std::vector<PassTerms> p,
        std::vector<terms::CountedZone> z, gate::Journal j, std::unique_ptr<hid::Sink> k,
        std::unique_ptr<runtime::SocketServer> s)
      : config(c),
        log(l),
        passes(std::move(p)),
        zones(std::move(z)),
        journal(std::move(j)),
        keyboard(std::move(k)),
        mirror(config.terminal.passes_db()),
        server(std::move(s)),
        status({.config = config,
                .passes = passes,
                .zones = zones,
                .journal = journal,
                .mirror = mirror,
                .readers = readers,
                .statistics = statistics,
                .clock = clock},
               started),
        inquiry(config, passes,
                {.journal = journal,
                 .mirror = mirror,
                 .clock = clock,
                 .zones = zones,
                 .boot_id = boot_id}),
        opener(passes),
        acts({.passes = passes,
              .rules = {.journal = journal,
                        .mirror = mirror,
                        .clock = clock,
                        .zones = zones,
                        .boot_id = boot_id},
              .publish = [this](const TapReport& report) { acted(report); },
              .allowed = reasons_named(config.overrides.allow)}),
        meeting({.passes = passes,
                 .journal = journal,
                 .log = log,
                 .written = [this] { server->wake(); },
                 .passes_db = config.terminal.passes_db(),
                 .terminal = config.terminal.id,
                 .hours = terms::emptying_hours(zones),
                 .voided_by_use = voided_by_use(config)}),
        service(journal, feed, log,
                {.status =
                     [this] {
                       auto answer = status.status();
                       answer["conflicts"] = meeting.told();
                       return answer;
                     },
                 .state = [this] { return status.state(); },
                 .pass = [this](const auto& question) { return inquiry.answer(question); },
                 .open = [this](const auto& question) { return opener.answer(question); },
                 .act = [this](const auto& question) { return acts.answer(question); },
                 .merge = [this](const auto& question) { return meeting.answer(question); }}),
        readers([this](const std::string& reader) { return visitor_for(reader); },
                [this](const ReaderEvent& event) { note(event); }, patience_with(config)) {}

  ReaderRole role_of(const runtime::ReaderConfig& reader, const std::string& pcsc_name) const;
  std::unique_ptr<CardVisitor> visitor_for(const std::string& pcsc_name);
  void note(const ReaderEvent& event) const;
  void published(const TapReport& report);
  void acted(const TapReport& report);
  void told(const TapReport& report);
  void housekeep();
  bool sound();
};

ReaderRole App::Parts::role_of(const runtime::ReaderConfig& reader,
                               const std::string& pcsc_name) const {
  return {.name = reader.name.empty() ? pcsc_name : reader.name,
          .zone = reader.zone,
          .direction = gate::direction_from(reader.direction).value(),
          .wedge = reader.mode == runtime::ReaderMode::wedge,
          .rearm = reader.rearm,
          .passes = passes_of(reader, passes)};
}

std::unique_ptr<CardVisitor> App::Parts::visitor_for(const std::string& pcsc_name) {
  const runtime::ReaderConfig* reader = config.reader_for(pcsc_name);
  if (reader == nullptr) return nullptr;
  return std::make_unique<TapFlow>(
      TapFlow::Parts{.journal = journal,
                     .claims = claims,
                     .keyboard = *keyboard,
                     .clock = clock,
                     .log = log,
                     .zones = zones,
                     .publish = [this](const TapReport& report) { published(report); },
                     .passes_db = config.terminal.passes_db(),
                     .sync_sock = config.terminal.sync_sock(),
                     .terminal = config.terminal.id,
                     .boot_id = boot_id},
      role_of(*reader, pcsc_name));
}

void App::Parts::note(const ReaderEvent& event) const {
  if (event.why) {
    log(Level::warning, event.what, *event.why, {{"reader", event.reader}});
  } else {
    log(Level::info, event.what, {{"reader", event.reader}});
  }
  server->wake();  // Followers are told how the readers are.
}

void App::Parts::published(const TapReport& report) {
  statistics.add(report);
  last_tap = clock.monotonic();
  told(report);
}

/// What a person did is no tap: nobody stands at a reader for it.
void App::Parts::acted(const TapReport& report) {
  statistics.add(report);
  told(report);
}

/// To whoever watches.
void App::Parts::told(const TapReport& report) {
  feed.publish(to_json(report));
  server->wake();
}

void App::Parts::housekeep() {
  if (clock.monotonic() - last_tap.load() < kQuiet) return;
  meeting.settle(kSettling);
  if (clock.state() == ClockState::unset) return;  // It deletes by age, and for good.
  const Status done = journal.housekeep(clock.now(), config.terminal.keep_days);
  if (!done) log(Level::warning, "the journal was not tidied", done.error());
}

/// What the watchdog guards: main, journal and sockets. A stuck reader is
/// reported in `status`; restarting would not free it.
bool App::Parts::sound() {
  const bool sockets = clock.monotonic() - server->last_beat() < kSocketBeat;
  return sockets && journal.last_position().has_value();
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

std::expected<std::unique_ptr<App>, StartupError> App::make(
    const runtime::Config& config, const std::filesystem::path& credentials_dir,
    const runtime::Log& log) {
  auto passes = load_pass_terms(config, credentials_dir);
  if (!passes) return refuse(EX_CONFIG, passes.error());
  auto zones = terms::load_counted_zones(config);
  if (!zones) return refuse(EX_CONFIG, zones.error());
  auto journal = open_journal(config.terminal);
  if (!journal) return std::unexpected(journal.error());
  auto keyboard = open_keyboard(config);
  if (!keyboard) return std::unexpected(keyboard.error());
  auto server = bind_sockets(config.terminal);
  if (!server) return std::unexpected(server.error());
  return std::unique_ptr<App>(new App(
      std::make_unique<Parts>(config, log, std::move(*passes), std::move(*zones),
                              std::move(*journal), std::move(*keyboard), std::move(*server))));
}

std::size_t App::run(const runtime::SignalFd& signals) {
  Parts& p = *parts_;
  const runtime::ServiceManager service;
  std::jthread sockets([&p] { p.server->run(p.service); });
  p.log(Level::info, "ready", {{"terminal", p.config.terminal.id}, {"version", PASSGATE_VERSION}});
  service.ready("serving " + p.config.terminal.id);

  const auto watchdog = service.watchdog_interval();
  const auto pause = watchdog ? std::min<Milliseconds>(
                                    std::chrono::duration_cast<Milliseconds>(*watchdog), kLookPause)
                              : kLookPause;
  MonoTime tidied = p.clock.monotonic();
  while (signals.take() == 0) {
    ::pollfd waiting{signals.fd(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(pause.count()));
    if (p.sound()) service.alive();
    p.clock.ask_time_service();
    p.server->wake();
    if (p.clock.monotonic() - tidied < kHousekeepingPause) continue;
    p.housekeep();
    tidied = p.clock.monotonic();
  }

  service.stopping();
  const std::size_t stuck = p.readers.stop();
  p.keyboard->stop(kTypingGrace);
  p.server->stop();
  p.log(Level::info, "stopped");
  return stuck;
}

}  // namespace passgate::daemon
