// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_routes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sync/service/problem.h"
#include "sync/service/screens_route.h"

namespace passgate::sync {

namespace {

constexpr auto kChallenge = R"(Basic realm="passgate", charset="UTF-8")";

/// "{…}" in the pattern stands for any segment but an empty one.
bool fits(std::string_view pattern, const std::vector<std::string>& path) {
  for (const auto& segment : path) {
    if (!pattern.starts_with('/')) return false;
    pattern.remove_prefix(1);
    const auto end = std::min(pattern.find('/'), pattern.size());
    const auto wanted = pattern.substr(0, end);
    if (wanted.starts_with('{') ? segment.empty() : wanted != segment) return false;
    pattern.remove_prefix(end);
  }
  return pattern.empty() || (path.empty() && pattern == "/");
}

HttpReply unknown_client() {
  auto reply = problem(401, "A key of this terminal is needed.");
  reply.headers.emplace_back("WWW-Authenticate", kChallenge);
  return reply;
}

HttpReply refusal_of(Access::Refusal why) {
  switch (why) {
    case Access::Refusal::wrong_host:
      return problem(421, "This terminal is not known by that name.");
    case Access::Refusal::cross_origin: return problem(403, "A page of another site asks.");
    case Access::Refusal::bad_key: break;
  }
  return unknown_client();
}

}  // namespace

std::span<const HttpRoutes::Route> HttpRoutes::routes() {
  static constexpr std::array kRoutes = {
      Route{"/", "GET", Door::operate, &HttpRoutes::screen},
      Route{"/gate", "GET", Door::screen, &HttpRoutes::screen},
      Route{"/assets/{name}", "GET", Door::screen, &HttpRoutes::screen},
      Route{"/healthz", "GET", Door::health,
            [](auto& parts, auto& ask) { return parts.operations.health(ask); }},
      Route{"/readyz", "GET", Door::health,
            [](auto& parts, auto& ask) { return parts.operations.readiness(ask); }},
      Route{"/metrics", "GET", Door::metrics,
            [](auto& parts, auto& ask) { return parts.operations.metrics(ask); }},
      Route{"/v1/status", "GET", Door::operate,
            [](auto& parts, auto& ask) { return parts.operations.status(ask); }},
      Route{"/v1/taps", "GET", Door::operate,
            [](auto& parts, auto& ask) { return parts.taps.list(ask); }},
      Route{"/v1/taps", "POST", Door::operate,
            [](auto& parts, auto& ask) { return parts.merges.merge(ask); }},
      Route{"/v1/taps/stream", "GET", Door::screen,
            [](auto& parts, auto& ask) { return parts.taps.stream(ask); }},
      Route{"/v1/taps/{tap_id}/override", "POST", Door::operate,
            [](auto& parts, auto& ask) { return parts.acts.override(ask); }},
      Route{"/v1/taps/{tap_id}/undo", "POST", Door::operate,
            [](auto& parts, auto& ask) { return parts.acts.undo(ask); }},
      Route{"/v1/passes/{template}/{id}", "GET", Door::operate,
            [](auto& parts, auto& ask) { return parts.passes.one(ask); }},
      Route{"/v1/deliveries", "GET", Door::operate,
            [](auto& parts, auto& ask) { return parts.deliveries.list(ask); }},
      Route{"/v1/deliveries/{id}", "GET", Door::operate,
            [](auto& parts, auto& ask) { return parts.deliveries.one(ask); }},
      Route{"/v1/deliveries/{id}/redeliver", "POST", Door::operate,
            [](auto& parts, auto& ask) { return parts.deliveries.redeliver(ask); }},
  };
  return kRoutes;
}

HttpReply HttpRoutes::screen(const Parts& /*parts*/, const RouteAsk& ask) {
  return ScreensRoute::answer(ask.http);
}

const HttpRoutes::Route* HttpRoutes::find(const HttpAsk& ask) {
  const Route* found = nullptr;
  for (const Route& route : routes()) {
    if (!fits(route.path, ask.path)) continue;
    if (route.method == ask.method) return &route;
    if (found == nullptr) found = &route;
  }
  return found;
}

HttpReply HttpRoutes::wrong_method(const HttpAsk& ask) {
  std::string allowed;
  for (const Route& route : routes()) {
    if (!fits(route.path, ask.path)) continue;
    allowed += allowed.empty() ? "" : ", ";
    allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  auto reply = problem(405, "This is not done with that method.");
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

std::string_view HttpRoutes::route_of(const HttpAsk& ask) {
  const auto* route = find(ask);
  return route == nullptr ? "none" : route->path;
}

bool HttpRoutes::may_enter(Door door, const Client* client, bool local) {
  const bool open = door == Door::health || door == Door::screen;
  if (client == nullptr) return open && local;
  return door == Door::health || client->may(Role::operate) ||
         (door == Door::screen && client->may(Role::display)) ||
         (door == Door::metrics && client->may(Role::metrics));
}

HttpReply HttpRoutes::answer(const HttpAsk& ask) const {
  if (!parts_.access.knows_host(ask)) return refusal_of(Access::Refusal::wrong_host);
  const auto client = parts_.access.identify(ask);
  if (!client) return refusal_of(client.error());
  const auto* route = find(ask);
  if (route == nullptr) return problem(404, "There is nothing here.");
  if (!may_enter(route->door, *client, ask.local)) {
    return *client == nullptr ? unknown_client() : problem(403, "This client may not do that.");
  }
  const bool reads = route->method == "GET" && ask.method == "HEAD";
  if (ask.method != route->method && !reads) return wrong_method(ask);
  return route->answer(parts_, {.http = ask, .client = *client});
}

}  // namespace passgate::sync
