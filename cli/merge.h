// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace passgate::cli {

/// `passgate merge FILE|- [--json]`: gives this terminal what another one did, as
/// `passgate taps --all --json` prints it there, and says what came of it.
void add_merge(CLI::App& app, int& exit_status);

}  // namespace passgate::cli
