// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/clock.h"

namespace passgate::sim {

/// Lets `rate` requests a second through, with a burst of one second's worth.
/// A rate of 0 lets everything through.
class TokenBucket {
 public:
  explicit TokenBucket(double rate) : rate_(rate), tokens_(std::max(rate, 1.0)) {}

  /// Takes one. @return 0, or the whole seconds to wait (at least 1).
  unsigned take(MonoTime now) {
    if (rate_ <= 0) return 0;
    refill(now);
    if (tokens_ >= 1.0) {
      tokens_ -= 1.0;
      return 0;
    }
    return static_cast<unsigned>(std::max(1.0, std::ceil((1.0 - tokens_) / rate_)));
  }

  bool limits() const noexcept { return rate_ > 0; }
  /// Requests a full bucket lets through.
  std::uint64_t limit() const { return static_cast<std::uint64_t>(burst()); }
  /// Requests it would let through now.
  std::uint64_t remaining(MonoTime now) {
    refill(now);
    return static_cast<std::uint64_t>(tokens_);
  }
  /// Whole seconds until it is full again.
  std::uint64_t full_in_s(MonoTime now) {
    refill(now);
    return rate_ <= 0 ? 0 : static_cast<std::uint64_t>(std::ceil((burst() - tokens_) / rate_));
  }

 private:
  double burst() const { return std::max(rate_, 1.0); }
  void refill(MonoTime now) {
    const std::chrono::duration<double> passed = now - std::exchange(last_, now);
    tokens_ = std::min(tokens_ + passed.count() * rate_, burst());
  }

  double rate_;
  double tokens_;
  MonoTime last_{};
};

}  // namespace passgate::sim
