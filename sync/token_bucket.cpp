// SPDX-License-Identifier: Apache-2.0
#include "sync/token_bucket.h"

#include <algorithm>

namespace passgate::sync {

namespace {

using Seconds = std::chrono::duration<double>;
constexpr double kSlowest = 1.0 / 3600.0;
// A wait is rounded to clock ticks; without the slack the token due at its end
// could be a billionth short.
constexpr double kSlack = 1e-6;

}  // namespace

TokenBucket::TokenBucket(double per_second, MonoTime now)
    : per_second_(std::max(per_second, kSlowest)),
      capacity_(std::max(1.0, per_second)),
      tokens_(capacity_),
      filled_at_(now),
      blocked_until_(now) {}

double TokenBucket::tokens_at(MonoTime now) const {
  const double elapsed = std::max(0.0, Seconds(now - filled_at_).count());
  return std::min(capacity_, tokens_ + elapsed * per_second_);
}

MonoTime TokenBucket::next(MonoTime now) const {
  const double missing = 1.0 - kSlack - tokens_at(now);
  auto at = now;
  if (missing > 0) at += std::chrono::ceil<Milliseconds>(Seconds(missing / per_second_));
  return std::max(at, blocked_until_);
}

void TokenBucket::spend(MonoTime now) {
  tokens_ = tokens_at(now) - 1.0;
  filled_at_ = std::max(filled_at_, now);
}

void TokenBucket::block(MonoTime until) {
  blocked_until_ = std::max(blocked_until_, until);
}

}  // namespace passgate::sync
