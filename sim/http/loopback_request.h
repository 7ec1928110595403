// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace passgate::sim {

/// One bodiless HTTP/1.1 request to a sandbox on loopback; enough to play the
/// organiser in the demo.
/// @param url  http://127.0.0.1:PORT/…
/// @return The status. Errors: bad_value (another kind of URL), unreachable,
///         bad_reply.
Result<int> loopback_request(const std::string& method, const std::string& url,
                             const std::vector<std::pair<std::string, std::string>>& headers);

}  // namespace passgate::sim
