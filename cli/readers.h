// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/config.h"

namespace passgate::cli {

/// `passgate readers [--json]`: the readers that passgated has, and what each is
/// for. Exit status 69 when passgated does not answer.
void add_readers(CLI::App& app, int& exit_status);

/// passgated's status and what the configuration says of its readers:
/// {"pcsc":bool,"readers":[{"reader","name","state","visits","mode","zone","direction","passes"}]};
/// a reader that no [[reader]] matches lacks the last four.
nlohmann::json readers_json(const nlohmann::json& core, const runtime::Config& config);

/// The same for a person.
std::string readers_page(const nlohmann::json& readers);

}  // namespace passgate::cli
