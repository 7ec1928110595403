// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/clock.h"
#include "sync/http/http_client.h"

namespace passgate::sync {

/// Nobody may keep us silent for longer than this with one answer.
inline constexpr std::chrono::hours kLongestRetryAfter{24};

/// An HTTP-date in any of the three forms a recipient must accept
/// (RFC 9110 §5.6.7). Absent when it is none.
std::optional<WallTime> http_date(std::string_view text);

/// How long the answer asks us to wait: Retry-After (RFC 9110 §10.2.3) as
/// seconds or as a date, the date taken relative to the answer's own Date
/// where it has one, because our clock may be wrong. In 0..kLongestRetryAfter;
/// absent when there is no such header or it makes no sense.
std::optional<Milliseconds> retry_after(const HttpAnswer& answer, WallTime now);

}  // namespace passgate::sync
