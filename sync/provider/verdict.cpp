// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/verdict.h"

#include "sync/http/retry_after.h"

namespace passgate::sync {

namespace {

Remedy remedy_for(int status) noexcept {
  switch (status) {
    case 401:
    case 402:
    case 403: return Remedy::pause;
    case 408:
    case 425:
    case 429: return Remedy::retry;
    default: return status >= 500 ? Remedy::retry : Remedy::give_up;
  }
}

}  // namespace

std::optional<Failure> failure_of(const HttpAnswer& answer, WallTime now) {
  if (answer.status >= 200 && answer.status < 300) return std::nullopt;
  const auto code = answer.status == 429 ? Errc::rate_limited : Errc::rejected;
  return Failure{.remedy = remedy_for(answer.status),
                 .error = Error(code, answer.status),
                 .retry_after = retry_after(answer, now)};
}

Failure failure_of(const Error& no_answer) {
  const bool hopeless = no_answer.code() == Errc::too_large || no_answer.code() == Errc::bad_value;
  return Failure{.remedy = hopeless ? Remedy::give_up : Remedy::retry,
                 .error = no_answer,
                 .retry_after = std::nullopt};
}

}  // namespace passgate::sync
