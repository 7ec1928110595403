// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "core/clock.h"

namespace passgate::cli {

/// `passgate deliveries [--failed] [-n N] [--json]`: what passgate-syncd has sent
/// or is to send to subscribers and clouds; `… show ID`, `… redeliver ID`,
/// `… undo ID`.
void add_deliveries(CLI::App& app, int& exit_status);

/// The entries of sync.sock's answer as a table. @param now  For the ages.
std::string deliveries_table(const nlohmann::json& deliveries, WallTime now);

/// One entry with every attempt that is kept.
std::string delivery_page(const nlohmann::json& delivery);

/// Why the daemon did not redeliver or undo `id`, and what to do.
/// @param answer  Its message of type "error".
std::string refusal_sentence(const nlohmann::json& answer, std::int64_t id);

}  // namespace passgate::cli
