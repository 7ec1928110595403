// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.h"

namespace passgate::sync {

/// Keeps us under a provider's rate limit. Pure: time is given, and never goes
/// back. Holds at most one second's worth of requests, at least one.
class TokenBucket {
 public:
  /// @param per_second  Requests a second; what is not above 0 counts as one an hour.
  TokenBucket(double per_second, MonoTime now);

  /// When the next request may leave: `now` when it may at once.
  MonoTime next(MonoTime now) const;
  /// Counts one request. May run into debt, which later waits pay back: a
  /// conversation of several requests is not torn apart.
  void spend(MonoTime now);
  /// No token before `until` (Retry-After). The later of two blocks counts.
  void block(MonoTime until);

 private:
  double tokens_at(MonoTime now) const;

  double per_second_;
  double capacity_;
  double tokens_;
  MonoTime filled_at_;
  MonoTime blocked_until_;
};

}  // namespace passgate::sync
