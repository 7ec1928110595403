// SPDX-License-Identifier: Apache-2.0
#include "sync/redemption.h"

#include <nlohmann/json.hpp>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

bool read(const Json& json, const char* name, std::string& to) {
  const auto it = json.find(name);
  if (it == json.end() || !it->is_string()) return false;
  to = it->get<std::string>();
  return true;
}

bool is_true(const Json& json, const char* name) {
  const auto it = json.find(name);
  return it != json.end() && it->is_boolean() && it->get<bool>();
}

Json order_json(const gate::TapRecord& record, const TapId& tap) {
  return {{"tap_id", tap.text()},
          {"at", to_rfc3339_ms(record.at)},
          {"terminal", record.terminal},
          {"reader", record.reader},
          {"pass_template", record.pass_template},
          {"pass_id", record.pass_id},
          {"object_id", record.object_id},
          {"wallet", gate::name(record.wallet)}};
}

std::string text_of_order(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string redemption_body(const gate::TapRecord& record) {
  return text_of_order(order_json(record, record.tap_id));
}

std::string undo_body_of(const gate::TapRecord& undo) {
  Json json = order_json(undo, undo.refers.value_or(TapId()));
  json["undo"] = true;
  json["this_use_only"] = true;
  return text_of_order(json);
}

Result<RedemptionOrder> redemption_order(std::string_view body) {
  const auto json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Errc::bad_value);
  RedemptionOrder order;
  std::string tap;
  std::string at;
  if (!read(json, "tap_id", tap) || !read(json, "at", at) ||
      !read(json, "terminal", order.terminal) || !read(json, "reader", order.reader) ||
      !read(json, "pass_template", order.pass_template) || !read(json, "pass_id", order.pass_id)) {
    return fail(Errc::bad_value);
  }
  const auto id = TapId::parse(tap);
  const auto time = from_rfc3339(at);
  if (!id || !time) return fail(Errc::bad_value);
  read(json, "object_id", order.object_id);  // absent in jobs of older versions
  read(json, "wallet", order.wallet);        // the same
  order.tap_id = *id;
  order.at = *time;
  order.this_use_only = is_true(json, "this_use_only");
  return order;
}

std::string redemption_event_id(std::string_view tap_id) {
  return std::string(tap_id) + "-redemption";
}

std::string undo_event_id(std::string_view tap_id) {
  return std::string(tap_id) + "-undo";
}

Result<std::string> undo_body(std::string_view body) {
  auto json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Errc::bad_value);
  json["undo"] = true;
  return text_of_order(json);
}

bool is_undo(std::string_view body) {
  const auto json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  return json.is_object() && is_true(json, "undo");
}

}  // namespace passgate::sync
