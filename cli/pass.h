// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "core/clock.h"

namespace passgate::cli {

/// `passgate pass TEMPLATE ID [--json]`: what this terminal believes about a
/// pass, and why. Exit status 65 when no [[pass]] is called TEMPLATE, 69 when
/// passgated does not answer.
void add_pass(CLI::App& app, int& exit_status);

/// The answer (daemon/pass_inquiry.h) as a page for a person.
/// @param now  For how old the provider's list is.
std::string pass_page(const nlohmann::json& answer, WallTime now);

}  // namespace passgate::cli
