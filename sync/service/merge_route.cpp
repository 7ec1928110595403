// SPDX-License-Identifier: Apache-2.0
#include "sync/service/merge_route.h"

#include "sync/service/problem.h"

namespace passgate::sync {

HttpReply MergeRoute::merge(const RouteAsk& ask) const {
  const auto body = nlohmann::json::parse(ask.http.body, nullptr, false);
  const auto taps = body.is_object() ? body.find("taps") : body.end();
  if (!body.is_object() || taps == body.end() || !taps->is_array()) {
    return problem(400, R"(The body must be {"taps":[…]}.)");
  }
  if (taps->size() > kMostTaps) return problem(413, "At most 256 taps are taken at once.");
  const auto answer = ask_core_({{"type", "merge"}, {"taps", *taps}});
  if (!answer || answer->value("type", "") != "merged") return core_problem();
  auto reply = *answer;
  reply.erase("type");
  return json_reply(200, reply);
}

}  // namespace passgate::sync
