// SPDX-License-Identifier: Apache-2.0
#include "cli/object_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/opened_json.h"

namespace passgate::cli {
namespace {

using apdu::ObjectValue;
using apdu::SmartTapObject;
using nlohmann::ordered_json;

std::string text_of_value(const ObjectValue& value) {
  return to_valid_utf8(bytes_of(value.text));
}

void put(ordered_json& json, const std::string& key, const std::optional<ObjectValue>& value) {
  if (!value) return;
  json[key] = text_of_value(*value);
  json[key + "_hex"] = to_hex(value->raw);
  json[key + "_format"] = name(value->format);
}

std::string message(const Error& error) {
  switch (error.code()) {
    case Errc::unknown_key: return "encrypted, but the session was not authenticated";
    case Errc::auth_failed: return "not sealed for this session, or changed since";
    case Errc::bad_compression: return "authentic, but does not inflate";
    case Errc::too_large: return "larger than any phone sends";
    default: return "malformed inside";
  }
}

}  // namespace

ordered_json object_json(CollectorId collector, const SmartTapObject& object) {
  ordered_json json = {{"collector", collector.value()}, {"kind", name(object.kind)}};
  if (object.kind == apdu::ObjectKind::customer) {
    json["customer_id"] = to_hex(object.customer_id);
    json["language"] = to_valid_utf8(bytes_of(object.language));
    json["tap_id"] = to_hex(object.tap_id);
  } else {
    json["object_id"] = to_hex(object.object_id);
    put(json, "service_number", object.service_number);
    put(json, "pin", object.pin);
    put(json, "track1", object.track1);
    put(json, "track2", object.track2);
  }
  json["issuer_type"] = object.issuer_type;
  json["issuer_id"] = to_hex(object.issuer_id);
  return json;
}

ordered_json bundle_error_json(const Error& error) {
  return error_json(error, message(error));
}

std::string object_line(CollectorId collector, const SmartTapObject& object) {
  const bool customer = object.kind == apdu::ObjectKind::customer;
  std::string line = std::to_string(collector.value()) + "  ";
  line += name(object.kind);
  line += ' ' + to_hex(customer ? object.customer_id : object.object_id);
  if (object.service_number) line += "  " + one_line(text_of_value(*object.service_number));
  for (const auto& [key, value] :
       {std::pair{"pin", &object.pin}, {"track1", &object.track1}, {"track2", &object.track2}}) {
    if (*value) line.append("  ").append(key).append(" ") += one_line(text_of_value(**value));
  }
  if (!object.language.empty()) {
    line += "  language " + one_line(to_valid_utf8(bytes_of(object.language)));
  }
  return line;
}

}  // namespace passgate::cli
