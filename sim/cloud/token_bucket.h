// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
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
    const std::chrono::duration<double> passed = now - std::exchange(last_, now);
    tokens_ = std::min(tokens_ + passed.count() * rate_, std::max(rate_, 1.0));
    if (tokens_ >= 1.0) {
      tokens_ -= 1.0;
      return 0;
    }
    return static_cast<unsigned>(std::max(1.0, std::ceil((1.0 - tokens_) / rate_)));
  }

 private:
  double rate_;
  double tokens_;
  MonoTime last_{};
};

}  // namespace passgate::sim
