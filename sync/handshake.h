// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "sync/http/http_client.h"
#include "sync/token_bucket.h"

namespace passgate::sync {

/// How long a subscriber's consent lasts before it is asked for anew.
inline constexpr std::chrono::hours kConsentLasts{24};

/// Asks a subscriber whether it wants our events: the OPTIONS request of the
/// CloudEvents webhook specification (section 4), before the first delivery.
/// What it allows a minute is kept to. Consent later, by a callback to us
/// (WebHook-Request-Callback), is not supported: nothing out there can reach a
/// terminal.
///
/// Pure: times are given, `now` never goes back. Not thread-safe.
class Handshake {
 public:
  /// @param origin      Our name, as WebHook-Request-Origin says it.
  /// @param retry_base  First pause after a refusal; grows as with deliveries.
  Handshake(std::string origin, Milliseconds retry_base, MonoTime now);

  const std::string& origin() const noexcept { return origin_; }

  /// Carries no bearer token: until it consents, the address may be anybody's.
  HttpRequest request(const std::string& url) const;
  /// The answer to `request()`, or its absence. Absent: consented. Errors:
  /// rejected (status as detail), bad_reply (a rate that is none), those of
  /// HttpClient.
  /// @param wall    For a Retry-After that is a date. @param random  In [0, 1).
  Status take(const Result<HttpAnswer>& answer, MonoTime now, WallTime wall, double random);

  bool consented(MonoTime now) const;
  /// When to ask (again), consent or not.
  MonoTime ask_at() const noexcept { return ask_at_; }
  /// Counts one delivery and gives `now`, or gives when it is allowed and
  /// counts nothing.
  MonoTime claim(MonoTime now);

 private:
  std::string origin_;
  Milliseconds retry_base_;
  MonoTime ask_at_;
  bool consented_ = false;
  unsigned refusals_ = 0;  ///< In a row.
  std::optional<double> per_second_;
  std::optional<TokenBucket> bucket_;
};

}  // namespace passgate::sync
