// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/service/route_ask.h"

namespace passgate::sync {

/// An operator's acts over HTTP: passgated does them, in the name of the client
/// that asks (ADR 30). Any thread.
class ActsRoute {
 public:
  /// A reason is short; with everything escaped it stays far below.
  static constexpr std::size_t kLargestBody = 8192;

  explicit ActsRoute(AskCore ask_core) : ask_core_(std::move(ask_core)) {}

  /// POST /v1/taps/{tap_id}/override {"why":TEXT}
  HttpReply override(const RouteAsk& ask) const { return act(ask, "override"); }
  /// POST /v1/taps/{tap_id}/undo {"why":TEXT}
  HttpReply undo(const RouteAsk& ask) const { return act(ask, "undo"); }

 private:
  HttpReply act(const RouteAsk& ask, const char* type) const;

  AskCore ask_core_;
};

}  // namespace passgate::sync
