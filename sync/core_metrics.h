// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sync/metric_families.h"

namespace passgate::sync {

/// What passgated's status message says of taps, readers, journal and clock. Pure;
/// members of another version's are left out.
void add_core_metrics(MetricFamilies& families, const nlohmann::json& status);

}  // namespace passgate::sync
