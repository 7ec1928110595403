// SPDX-License-Identifier: Apache-2.0
#include "sync/service/merge_route.h"

#include "runtime/json_text.h"
#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

HttpReply not_taken(std::string_view error) {
  if (error == name(Errc::bad_value)) return problem(400, "passgated cannot read these taps.");
  if (error == name(Errc::too_large)) {
    return problem(413, "These taps are too much for one request: send fewer at once.");
  }
  return core_problem();
}

}  // namespace

HttpReply MergeRoute::merge(const RouteAsk& ask) const {
  const auto body = runtime::parse_json(ask.http.body);
  const auto taps = body.is_object() ? body.find("taps") : body.end();
  if (!body.is_object() || taps == body.end() || !taps->is_array()) {
    return problem(400, R"(The body must be {"taps":[…]}, and nest no deeper than records do.)");
  }
  if (taps->size() > kMostTaps) return problem(413, "At most 256 taps are taken at once.");
  const auto answer = ask_core_({{"type", "merge"}, {"taps", *taps}});
  if (!answer) return core_problem();
  if (answer->value("type", "") != "merged") return not_taken(answer->value("error", ""));
  auto reply = *answer;
  reply.erase("type");
  return json_reply(200, reply);
}

}  // namespace passgate::sync
