// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "runtime/log.h"
#include "sync/service/access.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

/// `POST /v1/passes/{template}/decrypt` and its alias `POST /v1/passes/decrypt`:
/// PassNinja's decrypt call, answered by this terminal's keys (docs/http.md).
/// The payload is opened in passgated; what it says passes through here and is
/// neither logged nor kept. Any thread.
class DecryptRoute {
 public:
  /// @param ask_core  A question to passgated: CoreLink::ask with a deadline.
  /// @param nested    `[http] decrypt_errors`.
  struct Deps {
    std::function<Result<nlohmann::json>(const nlohmann::json&)> ask_core;
    /// Every template here, by id and by name of its [[pass]]: what a client may
    /// not open (UA2) is told from what nobody could (MR1).
    std::vector<std::string> templates;
    const Clock& clock;
    const runtime::Log& log;
    bool nested = false;
  };
  /// @param access  Borrowed, as `deps` are: its clients are whom buckets are kept for.
  DecryptRoute(const Access& access, Deps deps);
  ~DecryptRoute();

  static bool serves(const HttpAsk& ask);
  HttpReply answer(const HttpAsk& ask);

  /// What the face refuses before it is asked (a body too large, a target that
  /// cannot be read), in this route's shape. @param detail  Our own words.
  HttpReply refusal(int status, std::string_view detail) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace passgate::sync
