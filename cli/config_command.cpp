// SPDX-License-Identifier: Apache-2.0
#include "cli/config_command.h"

#include <iostream>
#include <memory>

#include "cli/config.h"
#include "cli/terminal.h"

namespace passgate::cli {

void add_config(CLI::App& app, int& exit_status) {
  struct Options {
    std::string file = kDefaultConfig;
    bool origin = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("config", "What the configuration files say");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand("check", "Say whether it is valid, and what is not");
  CLI::App* show = command->add_subcommand("show", "What is in force, defaults included");
  for (CLI::App* one : {check, show}) one->add_option("--config", options->file, "Main file");
  show->add_flag("--origin", options->origin, "File and line of each value");
  check->callback(
      [options, &exit_status] { exit_status = config_check(options->file, std::cout, std::cerr); });
  show->callback([options, &exit_status] {
    exit_status = config_show(options->file, options->origin, std::cout, std::cerr);
  });
}

}  // namespace passgate::cli
