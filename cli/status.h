// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace passgate::cli {

/// `passgate status [--json]`: how both daemons are. Exit status 0 when all is
/// well, 69 when passgated does not answer.
void add_status(CLI::App& app, int& exit_status);

/// Both answers as a page for a person; null for a daemon that is absent.
std::string status_page(const nlohmann::json& core, const nlohmann::json& sync);

}  // namespace passgate::cli
