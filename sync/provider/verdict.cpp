// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/verdict.h"

#include <algorithm>
#include <charconv>

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

/// X-RateLimit-Reset of a 429, the Unix second at which Passinstance and Passworks
/// count anew; read against the answer's own Date. Absent when it makes no sense.
std::optional<Milliseconds> until_reset(const HttpAnswer& answer, WallTime now) {
  const auto header = answer.header("x-ratelimit-reset");
  if (answer.status != 429 || !header) return std::nullopt;
  const std::string text(*header);
  std::int64_t second = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, second);
  if (read.ec != std::errc{} || read.ptr != end || second < 0) return std::nullopt;
  const auto date = answer.header("date");
  const auto there = (date ? http_date(*date) : std::nullopt).value_or(now);
  // Compared as seconds: what a peer says may not overflow milliseconds.
  const auto here = std::chrono::floor<std::chrono::seconds>(there).time_since_epoch().count();
  if (second <= here) return std::nullopt;
  const std::chrono::seconds wait(second - here);
  return std::min<std::chrono::seconds>(wait, kLongestRetryAfter);
}

}  // namespace

std::optional<Failure> failure_of(const HttpAnswer& answer, WallTime now) {
  if (answer.status >= 200 && answer.status < 300) return std::nullopt;
  const auto code = answer.status == 429 ? Errc::rate_limited : Errc::rejected;
  auto wait = retry_after(answer, now);
  if (!wait) wait = until_reset(answer, now);
  return Failure{.remedy = remedy_for(answer.status),
                 .error = Error(code, answer.status),
                 .retry_after = wait};
}

Failure not_listed_yet() {
  return {Remedy::wait, Error(Errc::not_listed), std::nullopt};
}

Failure failure_of(const Error& no_answer) {
  const bool hopeless = no_answer.code() == Errc::too_large || no_answer.code() == Errc::bad_value;
  return Failure{.remedy = hopeless ? Remedy::give_up : Remedy::retry,
                 .error = no_answer,
                 .retry_after = std::nullopt};
}

}  // namespace passgate::sync
