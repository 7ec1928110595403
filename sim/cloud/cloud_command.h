// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

namespace passgate::sim {

/// Adds `passgate-sim cloud`. @param exit_status  Set when the command ran;
/// outlives the parse.
void add_cloud(CLI::App& app, int& exit_status);

}  // namespace passgate::sim
