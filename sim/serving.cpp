// SPDX-License-Identifier: Apache-2.0
#include "sim/serving.h"

#include <fmt/format.h>
#include <poll.h>
#include <sysexits.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "runtime/signals.h"
#include "sim/json_lines.h"

namespace passgate::sim {

int complain(std::string_view what, std::string_view error, int status) {
  fmt::print(stderr, "passgate-sim: {}: {}\n", what, error);
  return status;
}

int complain(std::string_view what, const Error& error, int status) {
  return complain(what, fmt::format("{} {}", name(error.code()), error.detail()), status);
}

int serve(std::string_view listen, HttpServer::Handler handler) {
  const auto address = ListenAddress::parse(listen);
  if (!address) return complain(listen, "an address of 127.0.0.0/8 and a port is wanted", EX_USAGE);
  // Before the server's threads start, so that they inherit the blocked mask.
  const runtime::SignalFd signals({SIGTERM, SIGINT});
  const auto server = HttpServer::start(*address, {}, std::move(handler));
  if (!server) return complain(listen, server.error(), EX_UNAVAILABLE);
  JsonLines::standard_output()({{"event", "listening"}, {"url", server->url()}});
  while (signals.take() == 0) {
    pollfd waits{signals.fd(), POLLIN, 0};
    if (::poll(&waits, 1, -1) < 0 && errno != EINTR) return complain("poll", "failed", EX_OSERR);
  }
  return EX_OK;
}

}  // namespace passgate::sim
