// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace passgate::sim {

/// Adds `reader` (run virtual readers) and `reader fault` (order a fault from
/// one) to passgate-sim. `exit_status` outlives the parsing and is set by the
/// command that runs: 0, or one of sysexits.
void add_reader(CLI::App& app, int& exit_status);

}  // namespace passgate::sim
