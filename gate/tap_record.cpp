// SPDX-License-Identifier: Apache-2.0
#include "gate/tap_record.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace passgate::gate {
namespace {

using nlohmann::json;

bool read(const json& value, std::string& out) {
  if (!value.is_string()) return false;
  out = value.get_ref<const std::string&>();
  return true;
}
bool read(const json& value, bool& out) {
  if (!value.is_boolean()) return false;
  out = value.get<bool>();
  return true;
}
bool read(const json& value, std::uint64_t& out) {
  if (!value.is_number_unsigned()) return false;
  out = value.get<std::uint64_t>();
  return true;
}
bool read(const json& value, std::int64_t& out) {
  if (!value.is_number_integer()) return false;
  // An unsigned number beyond the signed range would come out negative.
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    return false;
  }
  out = value.get<std::int64_t>();
  return true;
}

/// The value `parse` makes of a text member.
template <class Value, class Parse>
bool read_as(const json& value, Value& out, Parse parse) {
  if (!value.is_string()) return false;
  const auto parsed = parse(std::string_view(value.get_ref<const std::string&>()));
  if (!parsed) return false;
  out = *parsed;
  return true;
}
bool read(const json& value, TapId& out) {
  return read_as(value, out, TapId::parse);
}
bool read(const json& value, WallTime& out) {
  return read_as(value, out, from_rfc3339);
}
bool read(const json& value, ClockState& out) {
  return read_as(value, out, clock_state_from);
}
bool read(const json& value, Direction& out) {
  return read_as(value, out, direction_from);
}
bool read(const json& value, Wallet& out) {
  return read_as(value, out, wallet_from);
}
bool read(const json& value, Decision& out) {
  return read_as(value, out, decision_from);
}
bool read(const json& value, Reason& out) {
  return read_as(value, out, reason_from);
}
bool read(const json& value, Kind& out) {
  return read_as(value, out, kind_from);
}
bool read(const json& value, Flag& out) {
  return read_as(value, out, flag_from);
}
bool read(const json& value, Conflict& out) {
  return read_as(value, out, conflict_from);
}
bool read(const json& value, Milliseconds& out) {
  std::int64_t count = 0;
  if (!read(value, count) || count < 0) return false;
  out = Milliseconds(count);
  return true;
}
/// How often, or how many: from 1.
bool read(const json& value, unsigned& out) {
  std::uint64_t number = 0;
  if (!read(value, number) || number == 0 || number > std::numeric_limits<unsigned>::max()) {
    return false;
  }
  out = static_cast<unsigned>(number);
  return true;
}
template <class Value>
bool read(const json& value, std::optional<Value>& out) {
  return read(value, out.emplace());
}

template <class Value>
bool take(const json& object, const char* member, Value& out) {
  const auto found = object.find(member);
  return found != object.end() && read(*found, out);
}

/// Left out where it has its default.
template <class Value>
bool take_if_there(const json& object, const char* member, Value& out) {
  const auto found = object.find(member);
  return found == object.end() || read(*found, out);
}

bool take_the_rest(const json& object, TapRecord& record) {
  return take_if_there(object, "kind", record.kind) &&
         take_if_there(object, "clock_error_ms", record.clock_error) &&
         take_if_there(object, "object_id", record.object_id) &&
         take_if_there(object, "use", record.use_no) &&
         take_if_there(object, "party", record.party) &&
         take_if_there(object, "flag", record.flag) &&
         take_if_there(object, "refers", record.refers) &&
         take_if_there(object, "operator", record.operator_id) &&
         take_if_there(object, "why", record.why) &&
         take_if_there(object, "needed", record.needed) &&
         take_if_there(object, "conflict", record.conflict) &&
         take_if_there(object, "against", record.against) &&
         take_if_there(object, "order_certain", record.order_certain);
}

void put_the_rest(const TapRecord& record, json& object) {
  if (record.kind != Kind::tap) object["kind"] = name(record.kind);
  if (record.clock_error) object["clock_error_ms"] = record.clock_error->count();
  if (!record.object_id.empty()) object["object_id"] = record.object_id;
  if (record.use_no) object["use"] = *record.use_no;
  if (record.party != 1) object["party"] = record.party;
  if (record.flag != Flag::none) object["flag"] = name(record.flag);
  if (record.refers) object["refers"] = record.refers->text();
  if (!record.operator_id.empty()) object["operator"] = record.operator_id;
  if (!record.why.empty()) object["why"] = record.why;
  if (record.needed) object["needed"] = true;
  if (record.conflict) object["conflict"] = name(*record.conflict);
  if (record.against) object["against"] = record.against->text();
  if (record.order_certain) object["order_certain"] = true;
}

}  // namespace

json to_json(const TapRecord& record) {
  json object{
      {"position", record.position},
      {"tap_id", record.tap_id.text()},
      {"time", to_rfc3339_ms(record.at)},
      {"boot_id", record.boot_id},
      {"monotonic_ns", record.monotonic_ns},
      {"clock", name(record.clock)},
      {"terminal", record.terminal},
      {"reader", record.reader},
      {"zone", record.zone},
      {"direction", name(record.direction)},
      {"wallet", name(record.wallet)},
      {"pass", record.pass},
      {"pass_template", record.pass_template},
      {"pass_id", record.pass_id},
      {"provider", record.provider},
      {"decision", name(record.decision)},
      {"reason", name(record.reason)},
      {"effected", record.effected},
  };
  put_the_rest(record, object);
  return object;
}

Result<TapRecord> tap_record_from(const json& object) {
  TapRecord record;
  const bool whole =
      object.is_object() && take(object, "position", record.position) &&
      take(object, "tap_id", record.tap_id) && take(object, "time", record.at) &&
      take(object, "boot_id", record.boot_id) &&
      take(object, "monotonic_ns", record.monotonic_ns) && take(object, "clock", record.clock) &&
      take(object, "terminal", record.terminal) && take(object, "reader", record.reader) &&
      take(object, "zone", record.zone) && take(object, "direction", record.direction) &&
      take(object, "wallet", record.wallet) && take(object, "pass", record.pass) &&
      take(object, "pass_template", record.pass_template) &&
      take(object, "pass_id", record.pass_id) && take(object, "provider", record.provider) &&
      take(object, "decision", record.decision) && take(object, "reason", record.reason) &&
      take(object, "effected", record.effected) && take_the_rest(object, record);
  if (!whole) return fail(Errc::bad_value);
  return record;
}

}  // namespace passgate::gate
