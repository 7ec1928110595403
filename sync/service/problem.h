// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "sync/service/http_message.h"

namespace passgate::sync {

/// How our own routes fail: RFC 9457 problem JSON. Any thread.
/// @param detail  For a person; our own words, never the asker's.
HttpReply problem(int status, std::string_view detail);

}  // namespace passgate::sync
