// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::sim {

/// One HTTP/1.1 request to a server on loopback; enough to play the organiser in
/// the demo, or a cloud that pushes.
/// @param url      http://127.0.0.1:PORT/…
/// @param timeout  For each send and each receive.
/// @return The status. Errors: bad_value (another kind of URL), unreachable,
///         bad_reply.
Result<int> loopback_request(const std::string& method, const std::string& url,
                             const std::vector<std::pair<std::string, std::string>>& headers,
                             std::string_view body = {},
                             Milliseconds timeout = Milliseconds{10'000});

/// Errors: bad_value, unless `loopback_request()` can ask this URL.
Status check_loopback_url(const std::string& url);

}  // namespace passgate::sim
