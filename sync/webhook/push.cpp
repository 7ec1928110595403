// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/push.h"

#include <nlohmann/json.hpp>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

}  // namespace

std::string push_body(const Push& push) {
  Json json{{"key", push.dedup_key},
            {"type", push.type},
            {"template", push.pass_template},
            {"id", push.pass.id},
            {"serial", push.pass.serial},
            {"code", push.pass.code},
            {"may_be_echo", push.may_be_echo},
            {"tap_id", push.tap_id},
            {"device", push.device}};
  if (push.told) json["told"] = gate::name(*push.told);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Push> push_from(std::string_view body) {
  const auto json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Errc::bad_value);
  try {
    Push push{.dedup_key = json.at("key").get<std::string>(),
              .type = json.at("type").get<std::string>(),
              .pass_template = json.at("template").get<std::string>(),
              .pass = {.id = json.at("id").get<std::string>(),
                       .serial = json.at("serial").get<std::string>(),
                       .code = json.at("code").get<std::string>()},
              .told = {},
              .may_be_echo = json.at("may_be_echo").get<bool>(),
              .device = json.at("device").get<std::string>(),
              .tap_id = json.at("tap_id").get<std::string>()};
    if (const auto told = json.find("told"); told != json.end()) {
      push.told = gate::pass_state_from(told->get<std::string>());
    }
    return push;
  } catch (const Json::exception&) {
    return fail(Errc::bad_value);
  }
}

}  // namespace passgate::sync
