// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <memory>

#include "cli/terminal.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;

int show_metrics(const std::string& config) {
  const auto terminal = find_terminal(config);
  auto client =
      terminal ? call(terminal->sync_sock(), "passgate-syncd") : std::unexpected(terminal.error());
  if (!client) return refuse(client.error());
  const auto answer = client->ask({{"type", "metrics"}}, 5s);
  if (!answer || answer->value("text", "").empty()) {
    fmt::print(stderr, "passgate: passgate-syncd does not answer\n");
    return EX_UNAVAILABLE;
  }
  fmt::print("{}", answer->value("text", ""));
  return EX_OK;
}

}  // namespace

void add_metrics(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand("metrics", "What passgate-syncd counts, for Prometheus");
  auto config = std::make_shared<std::string>(kDefaultConfig);
  command->add_option("--config", *config, "Configuration file");
  command->callback([config, &exit_status] { exit_status = show_metrics(*config); });
}

}  // namespace passgate::cli
