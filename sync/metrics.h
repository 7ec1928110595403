// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/clock.h"

namespace passgate::sync {

/// The status message as Prometheus text (exposition format 0.0.4). Labels are
/// names of the configuration, never of passes. Pure.
std::string metrics_text(const nlohmann::json& status, WallTime now);

}  // namespace passgate::sync
