// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/service/route_ask.h"

namespace passgate::sync {

/// Takes the records of another terminal in, over HTTP. Any thread.
class MergeRoute {
 public:
  static constexpr std::size_t kMostTaps = 256;  ///< In one request.

  explicit MergeRoute(AskCore ask_core) : ask_core_(std::move(ask_core)) {}

  /// POST /v1/taps
  HttpReply merge(const RouteAsk& ask) const;

 private:
  AskCore ask_core_;
};

}  // namespace passgate::sync
