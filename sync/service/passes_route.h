// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/service/route_ask.h"

namespace passgate::sync {

/// What this terminal believes about a pass, and why: passgated is asked. Any thread.
class PassesRoute {
 public:
  explicit PassesRoute(AskCore ask_core) : ask_core_(std::move(ask_core)) {}

  /// GET /v1/passes/{template}/{id}
  HttpReply one(const RouteAsk& ask) const;

 private:
  AskCore ask_core_;
};

}  // namespace passgate::sync
