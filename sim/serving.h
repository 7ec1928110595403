// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "sim/http/server.h"

namespace passgate::sim {

/// Prints `passgate-sim: WHAT: ERROR` on standard error and gives `status` back.
int complain(std::string_view what, std::string_view error, int status);
int complain(std::string_view what, const Error& error, int status);

/// Serves until SIGTERM or SIGINT, after one line
/// `{"event":"listening","url":"http://127.0.0.1:PORT"}` on standard output.
/// @return An exit status of sysexits.
int serve(std::string_view listen, HttpServer::Handler handler);

}  // namespace passgate::sim
