// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace passgate::cli {

/// `passgate override TAP_ID --why TEXT` and `passgate undo TAP_ID --why TEXT`:
/// what a person at the gate decides against the rules.
void add_operator_acts(CLI::App& app, int& exit_status);

/// passgated's answer {"type":"act",…} as a sentence for a person.
std::string act_sentence(const nlohmann::json& answer);

/// What passgated's error means for somebody who asked for `type` of a tap.
std::string act_refusal(const std::string& error, const std::string& tap);

}  // namespace passgate::cli
