// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/service/http_message.h"

namespace passgate::sync {

/// The two pages, the operator's `/` and the gate's `/gate`, and what they are
/// made of under `/assets/`: all of it part of the program. Any thread.
class ScreensRoute {
 public:
  enum class Page : std::uint8_t { none, operate, gate, asset };
  /// What of ours `ask` is for; who may have it is decided elsewhere.
  static Page page(const HttpAsk& ask);
  /// GET and HEAD, with a strict Content-Security-Policy and an ETag; 404 for an
  /// asset there is not, 405.
  static HttpReply answer(const HttpAsk& ask);
};

}  // namespace passgate::sync
