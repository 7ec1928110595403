// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "sync/service/live_taps.h"
#include "sync/service/route_ask.h"

namespace passgate::sync {

/// How the terminal is doing, for machines that watch it. Any thread.
class OperationsRoute {
 public:
  struct Deps {
    AskCore ask_core;
    const LiveTaps& live;                    ///< Borrowed.
    std::function<nlohmann::json()> status;  ///< Of passgate-syncd.
    /// Of both; null: passgated does not answer.
    std::function<std::string(const nlohmann::json& core_status)> metrics;
    bool readers = false;  ///< Whether the configuration has any.
  };
  explicit OperationsRoute(Deps deps) : deps_(std::move(deps)) {}

  HttpReply health(const RouteAsk& ask) const;     ///< GET /healthz
  HttpReply readiness(const RouteAsk& ask) const;  ///< GET /readyz
  HttpReply metrics(const RouteAsk& ask) const;    ///< GET /metrics
  HttpReply status(const RouteAsk& ask) const;     ///< GET /v1/status

 private:
  /// Null: passgated does not answer.
  nlohmann::json core_status() const;

  Deps deps_;
};

}  // namespace passgate::sync
