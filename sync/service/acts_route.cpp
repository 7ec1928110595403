// SPDX-License-Identifier: Apache-2.0
#include "sync/service/acts_route.h"

#include <optional>
#include <string>

#include "core/ids.h"
#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

using nlohmann::json;

std::optional<std::string> why_in(const std::string& body) {
  const auto object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  const auto why = object.find("why");
  if (why == object.end() || !why->is_string()) return std::nullopt;
  return why->get<std::string>();
}

HttpReply no_such_tap() {
  return problem(404, "This terminal's journal has no such tap.");
}

HttpReply refusal_of_act(std::string_view error) {
  if (error == name(Errc::no_such_tap)) return no_such_tap();
  if (error == name(Errc::not_refused)) {
    return problem(409, "Only a refusal can be overridden, and this tap was none.");
  }
  if (error == name(Errc::not_overridable)) {
    return problem(409, "This refusal may not be overridden, or its override was undone.");
  }
  if (error == name(Errc::not_admitted)) {
    return problem(409, "Only an admission or an override can be undone.");
  }
  if (error == name(Errc::bad_value)) {
    return problem(400, "\"why\" is one line of 1 to 500 bytes.");
  }
  if (error.starts_with("storage_") || error == name(Errc::use_taken)) {
    auto reply = problem(503, "The journal cannot be written now: nothing was done.");
    reply.headers.emplace_back("Retry-After", "2");
    return reply;
  }
  return core_problem();
}

}  // namespace

HttpReply ActsRoute::act(const RouteAsk& ask, const char* type) const {
  if (ask.http.body.size() > kLargestBody) return problem(413, "The reason is too long.");
  const auto& tap = ask.http.path.at(2);
  if (!TapId::parse(tap)) return no_such_tap();
  const auto why = why_in(ask.http.body);
  if (!why) return problem(400, "The body is {\"why\":\"…\"}: why this is done.");
  const auto answer = ask_core_(
      {{"type", type}, {"tap_id", tap}, {"operator", ask.client->account_id}, {"why", *why}});
  if (!answer) return core_problem();
  if (answer->value("type", "") == "act" && answer->contains("tap")) {
    return json_reply(200, {{"tap", answer->at("tap")}, {"new", answer->value("new", false)}});
  }
  return refusal_of_act(answer->value("error", ""));
}

}  // namespace passgate::sync
