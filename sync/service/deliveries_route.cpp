// SPDX-License-Identifier: Apache-2.0
#include "sync/service/deliveries_route.h"

#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

using runtime::Message;

constexpr std::uint64_t kMostAtOnce = 100;

HttpReply unknown() {
  return problem(404, "There is no such delivery.");
}

/// Storage that cannot be read or written now.
HttpReply storage_problem() {
  return problem(503, "The outbox cannot be used now.");
}

/// Absent: no delivery can have that id.
std::optional<std::uint64_t> id_in(const RouteAsk& ask) {
  return number_in(ask.http.path.at(2), 1, INT64_MAX);
}

/// A switch in the query: there, and not "0" or "false".
bool is_set(const HttpAsk& ask, std::string_view name) {
  const auto* value = ask.parameter(name);
  return value != nullptr && *value != "0" && *value != "false";
}

}  // namespace

HttpReply DeliveriesRoute::list(const RouteAsk& ask) const {
  auto limit = number_parameter(ask.http, "limit", 1, kMostAtOnce);
  auto before = number_parameter(ask.http, "before", 1, INT64_MAX);
  if (!limit) return std::move(limit.error());
  if (!before) return std::move(before.error());
  Message question{{"type", "deliveries"}, {"failed", is_set(ask.http, "failed")}};
  if (*limit) question["limit"] = **limit;
  if (*before) question["before"] = **before;
  const auto answer = service_.answer(question);
  if (!answer || !answer->contains("deliveries")) return storage_problem();
  return json_reply(200, {{"deliveries", answer->at("deliveries")}});
}

HttpReply DeliveriesRoute::one(const RouteAsk& ask) const {
  const auto id = id_in(ask);
  if (!id) return unknown();
  const auto answer = service_.answer({{"type", "deliveries"}, {"id", *id}});
  if (!answer || !answer->contains("deliveries")) return storage_problem();
  const auto& found = answer->at("deliveries");
  return found.empty() ? unknown() : json_reply(200, found.front());
}

HttpReply DeliveriesRoute::redeliver(const RouteAsk& ask) const {
  const auto id = id_in(ask);
  if (!id) return unknown();
  const auto answer = service_.answer({{"type", "redeliver"}, {"id", *id}});
  if (answer && answer->value("type", "") == "ok") return json_reply(200, {{"status", "queued"}});
  const auto why = answer ? answer->value("why", "") : "";
  if (why == "unknown") return unknown();
  if (why == "not_failed") return problem(409, "Only what has failed is sent again.");
  if (why == "use_undone") return problem(409, "Its use was undone: it is not told any more.");
  return storage_problem();
}

}  // namespace passgate::sync
