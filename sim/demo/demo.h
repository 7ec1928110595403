// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "sim/demo/scene.h"

namespace passgate::sim {

/// Runs the demo: starts the scene, taps, compares, prints a line a tap and a
/// summary, ends everything.
/// @return 0 only if every outcome was the right one and everything ended well.
int run_demo(const DemoOptions& options);

/// `passgate-sim demo [--keep] [--fixtures DIR]`
void add_demo(CLI::App& app, int& exit_status);

}  // namespace passgate::sim
