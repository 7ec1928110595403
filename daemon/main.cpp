// SPDX-License-Identifier: Apache-2.0
// passgated: readers, wallets, keys, decision, journal, keyboard. No network.
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "daemon/app.h"
#include "daemon/pass_terms.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/service_manager.h"
#include "runtime/signals.h"
#include "terms/counted_zone.h"

namespace {

using namespace passgate;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::optional<runtime::Config> load(const std::string& file) {
  auto config = runtime::load_config(file);
  if (config) return std::move(*config);
  for (const runtime::ConfigProblem& problem : config.error()) {
    std::fprintf(stderr, "%s\n", problem.text().c_str());
  }
  return std::nullopt;
}

int check(const runtime::Config& config, const std::string& credentials_dir) {
  const auto terms = daemon::load_pass_terms(config, credentials_dir);
  if (!terms) {
    std::fprintf(stderr, "%s\n", terms.error().c_str());
    return EX_CONFIG;
  }
  if (const auto zones = terms::load_counted_zones(config); !zones) {
    std::fprintf(stderr, "%s\n", zones.error().c_str());
    return EX_CONFIG;
  }
  std::printf("configuration is valid: %zu passes, %zu readers\n", config.passes.size(),
              config.readers.size());
  return EX_OK;
}

int serve(const runtime::Config& config, const std::string& credentials_dir,
          const runtime::SignalFd& signals) {
  const runtime::Log log(!environment("JOURNAL_STREAM").empty(), runtime::Level::info);
  auto app = daemon::App::make(config, credentials_dir, log);
  if (!app) {
    log(runtime::Level::error, app.error().text);
    return app.error().exit_code;
  }
  const std::size_t stuck = (*app)->run(signals);
  if (stuck > 0) {
    // A thread inside SCardTransmit cannot be ended: leave without destructors.
    // Everything shown is on disk already; that is what the journal is for.
    log(runtime::Level::warning, "stopped beside a stuck reader",
        {{"readers", std::to_string(stuck)}});
    ::_exit(EX_OK);
  }
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options{"passgated: the part of passgate that holds the keys and the readers"};
  std::string file = "/etc/passgate/passgate.toml";
  bool check_only = false;
  options.add_option("--config", file, "Configuration file");
  options.add_flag("--check-config", check_only, "Check configuration and keys, then leave");
  options.set_version_flag("--version", PASSGATE_VERSION);
  try {
    options.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return options.exit(problem) == 0 ? EX_OK : EX_USAGE;
  }
  std::signal(SIGPIPE, SIG_IGN);
  const runtime::SignalFd signals{SIGTERM, SIGINT};
  runtime::forbid_core_dumps();
  const auto config = load(file);
  if (!config) return EX_CONFIG;
  const std::string credentials_dir = environment("CREDENTIALS_DIRECTORY");
  return check_only ? check(*config, credentials_dir) : serve(*config, credentials_dir, signals);
}
