// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "core/clock.h"
#include "sync/service/http_counts.h"

namespace passgate::sync {

/// What the HTTP face counts.
struct HttpFigures {
  HttpCounts::Counts requests;
  std::size_t streams = 0;
};

/// Borrowed for the call.
struct MetricSources {
  const nlohmann::json& sync;            ///< passgate-syncd's status message.
  const nlohmann::json* core = nullptr;  ///< passgated's, or null in it; null: nobody asked.
  const HttpFigures* http = nullptr;     ///< Null: there is no HTTP face.
};

/// As Prometheus text (exposition format 0.0.4). Labels are names of the
/// configuration or of closed lists, never of passes. Pure.
std::string metrics_text(const MetricSources& from, WallTime now);
/// Of passgate-syncd alone.
std::string metrics_text(const nlohmann::json& status, WallTime now);

}  // namespace passgate::sync
