// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

/// Reads a request target in origin form or absolute form (RFC 9112 §3.2) into
/// `ask`; of the latter, the scheme is left out and the authority gives the host.
/// At most 32 segments and 64 query parameters. Any thread.
/// Errors: bad_value (also for an encoded zero byte, a blank or control character, a fragment).
Status read_target(std::string_view raw, HttpAsk& ask);

/// The host of an authority or a Host header: lower case, no port, no brackets
/// ("[::1]:8470" is "::1"). Empty: it has none, or says who asks as well, which
/// nobody does any more but to deceive (RFC 9110 §4.2.4).
std::string host_of(std::string_view authority);

}  // namespace passgate::sync
