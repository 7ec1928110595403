// SPDX-License-Identifier: Apache-2.0
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "cli/config_command.h"
#include "cli/decrypt.h"
#include "cli/deliveries.h"
#include "cli/doctor/doctor.h"
#include "cli/keys.h"
#include "cli/merge.h"
#include "cli/metrics.h"
#include "cli/operator_acts.h"
#include "cli/pass.h"
#include "cli/readers.h"
#include "cli/replay.h"
#include "cli/simulate.h"
#include "cli/status.h"
#include "cli/taps.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  int exit_status = EX_OK;
  CLI::App app("The command line of a terminal for wallet passes", "passgate");
  app.set_version_flag("--version", "passgate " PASSGATE_VERSION);
  app.require_subcommand(1);
  passgate::cli::add_decrypt(app, exit_status);
  passgate::cli::add_replay(app, exit_status);
  passgate::cli::add_status(app, exit_status);
  passgate::cli::add_readers(app, exit_status);
  passgate::cli::doctor::add_doctor(app, exit_status);
  passgate::cli::add_taps(app, exit_status);
  passgate::cli::add_merge(app, exit_status);
  passgate::cli::add_simulate(app, exit_status);
  passgate::cli::add_pass(app, exit_status);
  passgate::cli::add_operator_acts(app, exit_status);
  passgate::cli::add_deliveries(app, exit_status);
  passgate::cli::add_metrics(app, exit_status);
  passgate::cli::add_keys(app, exit_status);
  passgate::cli::add_config(app, exit_status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;  // 0: --help and --version end so too
  } catch (const std::exception& error) {
    std::cerr << "passgate: " << error.what() << '\n';
    return EX_SOFTWARE;
  }
  return exit_status;
}
