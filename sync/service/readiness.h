// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace passgate::sync {

/// Why this terminal should not be relied upon now: the reasons of docs/http.md;
/// empty: it is ready. Pure.
/// @param state    STATE of passgated (daemon/socket_service.h); null: it does not
///   answer, and nothing else is known.
/// @param status   Its status; null: not known (yet).
/// @param readers  Whether the configuration has any.
std::vector<std::string> reasons_against(const nlohmann::json& state, const nlohmann::json& status,
                                         bool readers);

}  // namespace passgate::sync
