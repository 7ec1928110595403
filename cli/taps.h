// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace passgate::cli {

/// `passgate taps [-n N | --all | -f] [--json]`: what this terminal did, or does.
void add_taps(CLI::App& app, int& exit_status);

/// One tap as one line for a person; of the journal's records and of live
/// reports, which also say what was typed and where the time went.
std::string tap_line(const nlohmann::json& tap);

}  // namespace passgate::cli
