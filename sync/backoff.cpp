// SPDX-License-Identifier: Apache-2.0
#include "sync/backoff.h"

#include <algorithm>
#include <cmath>

namespace passgate::sync {

namespace {

constexpr double kDeliveryFactor = 1.9;
constexpr double kDeliveryJitter = 0.1;
constexpr double kLeastShare = 0.1;

Milliseconds scaled(Milliseconds base, double factor) {
  return Milliseconds(std::llround(static_cast<double>(base.count()) * factor));
}

}  // namespace

std::optional<Milliseconds> delivery_pause(Milliseconds base, unsigned attempt, double random) {
  if (attempt >= kDeliveryAttempts) return std::nullopt;
  const unsigned before = attempt == 0 ? 0 : attempt - 1;
  const double jitter = 1.0 + kDeliveryJitter * (2.0 * random - 1.0);
  return scaled(base, std::pow(kDeliveryFactor, before) * jitter);
}

Milliseconds full_jitter(Milliseconds base, Milliseconds cap, unsigned attempt, double random) {
  // 2^40 milliseconds is 34 years: far above any cap, far below overflow.
  const unsigned doublings = std::min(attempt == 0 ? 0U : attempt - 1, 40U);
  const auto most = std::min(static_cast<double>(cap.count()),
                             static_cast<double>(base.count()) * std::pow(2.0, doublings));
  return Milliseconds(std::llround(most * (kLeastShare + (1.0 - kLeastShare) * random)));
}

}  // namespace passgate::sync
