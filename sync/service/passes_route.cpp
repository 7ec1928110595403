// SPDX-License-Identifier: Apache-2.0
#include "sync/service/passes_route.h"

#include "sync/service/problem.h"

namespace passgate::sync {

HttpReply PassesRoute::one(const RouteAsk& ask) const {
  const auto answer = ask_core_(
      {{"type", "pass"}, {"template", ask.http.path.at(2)}, {"pass_id", ask.http.path.at(3)}});
  if (!answer) return core_problem();
  if (answer->value("type", "") == "pass") return json_reply(200, *answer);
  const auto error = answer->value("error", "");
  if (error == name(Errc::not_listed)) return problem(404, "No pass has this template.");
  if (error == name(Errc::bad_value)) return problem(400, "This is no id of a pass.");
  return core_problem();
}

}  // namespace passgate::sync
