// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sync/provider/session.h"

namespace passgate::sync {

/// What an answer's status means at any cloud. Absent for 2xx: read the body.
/// 401, 402, 403 pause; 408, 425, 429 and 5xx are retried; everything else,
/// redirects included, will not change. How long to wait is what Retry-After asks,
/// else, after a 429, what X-RateLimit-Reset says (Unix seconds).
std::optional<Failure> failure_of(const HttpAnswer& answer, WallTime now);

/// What the absence of an answer means: retry, but for a request that can
/// never be sent or an answer that is too large.
Failure failure_of(const Error& no_answer);

/// The list has not said yet what the provider calls a pass.
Failure not_listed_yet();

}  // namespace passgate::sync
