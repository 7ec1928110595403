// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

/// Reads a request target in origin form or absolute form (RFC 9112 §3.2) into
/// `ask`; of the latter, scheme and authority are left out. At most 32 segments
/// and 64 query parameters. Any thread.
/// Errors: bad_value (also for an encoded zero byte, a blank or control character, a fragment).
Status read_target(std::string_view raw, HttpAsk& ask);

}  // namespace passgate::sync
