// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

namespace passgate::sim {

/// Adds `passgate-sim subscriber`. @param exit_status  Set when the command ran;
/// outlives the parse.
void add_subscriber(CLI::App& app, int& exit_status);

}  // namespace passgate::sim
