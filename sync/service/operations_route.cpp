// SPDX-License-Identifier: Apache-2.0
#include "sync/service/operations_route.h"

#include "sync/service/readiness.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

}  // namespace

Json OperationsRoute::core_status() const {
  auto answer = deps_.ask_core({{"type", "status"}});
  const bool usable = answer && answer->is_object() && answer->value("type", "") == "status";
  return usable ? std::move(*answer) : Json(nullptr);
}

HttpReply OperationsRoute::health(const RouteAsk& /*ask*/) const {
  return json_reply(200, {{"status", "ok"}});
}

HttpReply OperationsRoute::readiness(const RouteAsk& /*ask*/) const {
  const auto status = core_status();
  const auto state = deps_.live.state();
  const auto reasons = status.is_null() ? reasons_against(nullptr, nullptr, deps_.readers)
                                        : reasons_against(state.core, status, deps_.readers);
  return json_reply(reasons.empty() ? 200 : 503,
                    {{"ready", reasons.empty()}, {"reasons", reasons}});
}

HttpReply OperationsRoute::metrics(const RouteAsk& /*ask*/) const {
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .headers = {},
          .body = deps_.metrics(core_status())};
}

HttpReply OperationsRoute::status(const RouteAsk& /*ask*/) const {
  return json_reply(200, {{"passgated", core_status()}, {"passgate-syncd", deps_.status()}});
}

}  // namespace passgate::sync
