// SPDX-License-Identifier: Apache-2.0
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "sim/cloud/cloud_command.h"
#include "sim/demo/demo.h"
#include "sim/reader/reader_command.h"
#include "sim/subscriber/subscriber_command.h"
#include "sim/tap/tap_command.h"

int main(int argc, char** argv) {
  try {
    CLI::App app("Virtual phones, readers and clouds for passgate", "passgate-sim");
    app.set_version_flag("--version", PASSGATE_VERSION);
    app.require_subcommand(1);
    int exit_status = EX_OK;
    passgate::sim::add_cloud(app, exit_status);
    passgate::sim::add_subscriber(app, exit_status);
    passgate::sim::add_tap(app, exit_status);
    passgate::sim::add_reader(app, exit_status);
    passgate::sim::add_demo(app, exit_status);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? EX_OK : EX_USAGE;
    }
    return exit_status;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "passgate-sim: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
