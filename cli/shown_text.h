// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace passgate::cli {

/// A member as text for a person; `otherwise` when it is absent or null. Safe
/// for a terminal: what came from a pass or a cloud may hold anything, and an
/// escape sequence in it must not reach the operator's screen.
std::string shown_text(const nlohmann::json& object, const char* key, const char* otherwise = "-");

}  // namespace passgate::cli
