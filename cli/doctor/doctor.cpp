// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/doctor.h"

#include <fmt/format.h>
#include <sysexits.h>
#include <unistd.h>

#include <memory>

#include "cli/doctor/checks.h"
#include "cli/terminal.h"

namespace passgate::cli::doctor {
namespace {

using Check = Findings (*)(const Subject& subject);

constexpr Check kChecks[] = {
    check_configuration, check_passgated,   check_syncd,  check_pcscd,
    check_readers,       check_polkit,      check_escape, check_pn533,
    check_keyboard,      check_clock,       check_keys,   check_pass_file,
    check_providers,     check_subscribers, check_http,   check_disk,
};

struct Options {
  std::string config = kDefaultConfig;
  std::string pass;
  bool as_json = false;
};

void show(const Findings& findings, bool as_json) {
  if (as_json) {
    fmt::print("{}\n",
               to_json(findings).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", page(findings));
  }
}

/// What is wrong with the files; nothing else can be looked at without them.
Findings unreadable(const Options& options, const std::vector<runtime::ConfigProblem>& problems) {
  Findings found;
  const bool closed = ::access(options.config.c_str(), R_OK) != 0 && errno == EACCES;
  for (const runtime::ConfigProblem& problem : problems) {
    found.push_back(broken("configuration", problem.text(),
                           closed ? "sudo passgate doctor --config " + word(options.config)
                                  : "sudoedit " + word(problem.where.file.string())));
  }
  return found;
}

int run(const Options& options) {
  auto config = runtime::load_config(options.config);
  if (!config) {
    show(unreadable(options, config.error()), options.as_json);
    return EX_CONFIG;
  }
  std::optional<std::filesystem::path> pass;
  if (!options.pass.empty()) pass = options.pass;
  const auto findings = examine(look_at(std::move(*config), options.config, "/", pass));
  show(findings, options.as_json);
  return exit_status(findings);
}

}  // namespace

Findings examine(const Subject& subject) {
  Findings all;
  for (const Check check : kChecks) {
    for (Finding& found : check(subject)) all.push_back(std::move(found));
  }
  return all;
}

void add_doctor(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("doctor", "What is in the way of taps, and the command that mends it");
  command->add_option("--config", options->config, "Configuration file");
  command->add_option("--pass", options->pass, "A pass.json: could this terminal read it?");
  command->add_flag("--json", options->as_json, "All findings as one JSON object");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace passgate::cli::doctor
