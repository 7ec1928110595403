// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"
#include "sync/service/live_taps.h"
#include "sync/service/route_ask.h"

namespace passgate::sync {

/// The taps of this terminal: those in passgated's journal, and those that happen
/// now. Any thread.
class TapsRoute {
 public:
  /// Borrowed, but for `ask_core`; outlive the streams.
  struct Deps {
    AskCore ask_core;
    LiveTaps& live;
    const Clock& clock;
  };
  explicit TapsRoute(Deps deps) : deps_(std::move(deps)) {}

  /// GET /v1/taps
  HttpReply list(const RouteAsk& ask) const;
  /// GET /v1/taps/stream
  HttpReply stream(const RouteAsk& ask) const;

 private:
  Deps deps_;
};

}  // namespace passgate::sync
