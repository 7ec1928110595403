// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/clock.h"

namespace passgate::sync {

/// How often a webhook delivery is tried before it becomes a dead letter.
inline constexpr unsigned kDeliveryAttempts = 15;

/// The pause after the `attempt`-th failed delivery (1-based): `base` × 1.9 for
/// every attempt before it, give or take a tenth. From 10 s the 15 attempts
/// span about 24 hours. Absent after the last one: give up.
/// @param random  In [0, 1).
std::optional<Milliseconds> delivery_pause(Milliseconds base, unsigned attempt, double random);

/// Whoever answers "Retry-After: 0" is left alone for this long.
inline constexpr Milliseconds kShortestPause{1000};

/// Exponential back-off with full jitter: evenly in [0, min(cap, base × 2^(attempt-1))],
/// but at least a tenth of it, so that bad luck is no busy loop.
/// @param attempt  Failures in a row, 1-based.
/// @param random   In [0, 1).
Milliseconds full_jitter(Milliseconds base, Milliseconds cap, unsigned attempt, double random);

}  // namespace passgate::sync
