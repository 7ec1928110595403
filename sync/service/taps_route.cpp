// SPDX-License-Identifier: Apache-2.0
#include "sync/service/taps_route.h"

#include "sync/service/problem.h"
#include "sync/service/tap_stream.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kDefaultLimit = 50;
constexpr std::uint64_t kMostTaps = 256;

}  // namespace

HttpReply TapsRoute::list(const RouteAsk& ask) const {
  auto limit = number_parameter(ask.http, "limit", 1, kMostTaps);
  auto after = number_parameter(ask.http, "after", 0, INT64_MAX);
  if (!limit) return std::move(limit.error());
  if (!after) return std::move(after.error());
  Json question{{"type", "taps"}, {"limit", limit->value_or(kDefaultLimit)}};
  if (*after) question["after"] = **after;
  const auto answer = deps_.ask_core(question);
  if (!answer || !answer->contains("taps")) return core_problem();
  const auto& taps = (*answer)["taps"];
  // Nothing new: the cursor stays where it is.
  const auto next =
      taps.empty() ? Json(after->value_or(0)) : taps.back().value("position", Json(nullptr));
  return json_reply(200, {{"taps", taps}, {"next", next}});
}

HttpReply TapsRoute::stream(const RouteAsk& ask) const {
  TapStream::Terms terms;
  if (ask.client != nullptr && ask.client->may(Role::operate)) {
    terms.view = TapStream::View::operate;
  }
  if (const auto* reader = ask.http.parameter("reader")) {
    if (!deps_.live.knows_reader(*reader)) return problem(404, "No reader has this name.");
    terms.reader = *reader;
  }
  // Not ours, or of a watcher that has seen nothing with a cursor: from now on.
  if (const auto* last = ask.http.header("last-event-id")) {
    terms.after = number_in(*last, 0, INT64_MAX);
  }
  return {.status = 200,
          .content_type = "text/event-stream",
          .headers = {{"X-Accel-Buffering", "no"}},
          .body = {},
          .stream = std::make_unique<TapStream>(deps_.live, deps_.ask_core, deps_.clock,
                                                std::move(terms))};
}

}  // namespace passgate::sync
