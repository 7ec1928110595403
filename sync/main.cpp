// SPDX-License-Identifier: Apache-2.0
// passgate-syncd: keeps the clouds and the subscribers in step with the gate.
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>

#include "runtime/activated_sockets.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/service_manager.h"
#include "runtime/signals.h"
#include "sync/app.h"
#include "sync/http/curl_client.h"
#include "sync/pairing.h"
#include "sync/setup.h"

namespace {

using namespace passgate;

constexpr std::chrono::minutes kTick{1};
constexpr auto kActivatedName = "passgate-http";  // FileDescriptorName= of a .socket unit.

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int report(const std::vector<runtime::ConfigProblem>& problems) {
  for (const auto& problem : problems) fmt::print(stderr, "{}\n", problem.text());
  return EX_CONFIG;
}

/// Until a signal asks for the end.
void serve(sync::App& app, const runtime::SignalFd& signals,
           const runtime::ServiceManager& manager) {
  const auto watchdog = manager.watchdog_interval();
  std::chrono::milliseconds wait = kTick;
  if (watchdog) {
    wait = std::min(wait, std::chrono::duration_cast<std::chrono::milliseconds>(*watchdog));
  }
  auto next_tick = std::chrono::steady_clock::now();
  for (;;) {
    pollfd waiting{signals.fd(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(wait.count()));
    if (signals.take() != 0) return;
    if (app.alive()) manager.alive();
    if (std::chrono::steady_clock::now() < next_tick) continue;
    app.tick();
    next_tick = std::chrono::steady_clock::now() + kTick;
  }
}

/// The code comes on standard input: arguments can be seen by everybody.
int pair_with(const runtime::Config& config, const std::string& provider) {
  SecretBytes line(256);
  if (::isatty(STDIN_FILENO) == 1) fmt::print(stderr, "one-time code of the dashboard: ");
  const auto read = ::read(STDIN_FILENO, line.writable().data(), line.size());
  line.shrink(read > 0 ? static_cast<std::size_t>(read) : 0);
  while (!line.empty() && line.expose().back() <= ' ') line.shrink(line.size() - 1);
  if (line.empty()) {
    fmt::print(stderr, "passgate-syncd: no code came on standard input\n");
    return EX_NOINPUT;
  }
  const sync::CurlLibrary curl;
  sync::CurlClient http;
  const auto paired = sync::pair(config, provider, line, http);
  if (!paired) {
    fmt::print(stderr, "passgate-syncd: {}\n", paired.error());
    return EX_UNAVAILABLE;
  }
  fmt::print("paired as \"{}\"; restart passgate-syncd\n", *paired);
  return EX_OK;
}

int run(const std::string& config_file, bool check_only, const std::string& pair_provider) {
  // Before any thread: they inherit the mask.
  const runtime::SignalFd signals({SIGTERM, SIGINT});
  runtime::forbid_core_dumps();
  ::umask(0027);

  const auto config = runtime::load_config(config_file);
  if (!config) return report(config.error());
  if (!pair_provider.empty()) return pair_with(*config, pair_provider);
  auto setup = sync::set_up(*config, environment("CREDENTIALS_DIRECTORY"));
  if (!setup) return report(setup.error());
  if (check_only) return EX_OK;

  const runtime::Log log(!environment("JOURNAL_STREAM").empty(), runtime::Level::info);
  auto sockets = runtime::take_activated_sockets(kActivatedName);
  if (setup->http) {
    setup->http->sockets = std::move(sockets);
  } else if (!sockets.empty()) {
    log(runtime::Level::warning, "there are sockets for HTTP, and no [http] in the configuration");
  }
  const sync::CurlLibrary curl;
  const runtime::ServiceManager manager;
  auto app = sync::App::make(*config, std::move(*setup), log);
  if (!app) {
    log(runtime::Level::error, app.error().message);
    return app.error().exit_status;
  }
  (*app)->start();
  manager.ready("serving");
  log(runtime::Level::notice, "started", {{"terminal", config->terminal.id}});
  serve(**app, signals, manager);
  manager.stopping();
  (*app)->stop();
  log(runtime::Level::notice, "stopped");
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options("Keeps pass clouds and webhook subscribers in step with the gate");
  std::string config_file = "/etc/passgate/passgate.toml";
  bool check_only = false;
  options.add_option("--config", config_file, "configuration file");
  options.add_flag("--check-config", check_only, "check the configuration and secrets, then exit");
  std::string pair_provider;
  options.add_option("--pair", pair_provider,
                     "pair this terminal's scanner with that provider (Passmint), then exit; the "
                     "code comes on standard input");
  options.set_version_flag("--version", "passgate-syncd " PASSGATE_VERSION);
  try {
    options.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return options.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  try {
    return run(config_file, check_only, pair_provider);
  } catch (const std::exception& error) {
    fmt::print(stderr, "passgate-syncd: {}\n", error.what());
    return EX_SOFTWARE;
  }
}
