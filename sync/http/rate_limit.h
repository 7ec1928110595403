// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/clock.h"
#include "sync/http/http_client.h"

namespace passgate::sync {

/// No window of a rate limit is believed to be longer: a nonsensical reset must
/// not keep redemptions back for a day.
inline constexpr std::chrono::hours kLongestRateWindow{1};

/// What an answer says of the requests that are left.
struct RateLimit {
  std::uint64_t remaining = 0;
  std::optional<std::uint64_t> limit;  ///< Of the whole window, where it says so.
  Milliseconds reset_in{0};            ///< Until the window ends; 0..kLongestRateWindow.

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

/// Read from, in this order:
///   RateLimit: "name";r=50;t=30      IETF draft ratelimit-headers 07 and later
///   RateLimit-Remaining, -Reset      the same up to 06; reset in seconds from now
///   X-RateLimit-Remaining, -Reset    Passinstance, Passworks: reset in Unix seconds,
///                                    counted from the answer's own Date
/// Absent when there are no such headers or they make no sense: then nothing is
/// known, which does not mean that there is no limit.
std::optional<RateLimit> rate_limit(const HttpAnswer& answer, WallTime now);

}  // namespace passgate::sync
