// SPDX-License-Identifier: Apache-2.0
#include "gate/tap_record.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace passgate::gate {
namespace {

using nlohmann::json;

std::optional<ClockState> clock_state_from(std::string_view text) noexcept {
  for (const auto state : {ClockState::synchronised, ClockState::holdover, ClockState::unset}) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

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

template <class Value>
bool take(const json& object, const char* member, Value& out) {
  const auto found = object.find(member);
  return found != object.end() && read(*found, out);
}

/// Absent where no use was consumed; then and only then.
bool take_use(const json& object, std::optional<unsigned>& out) {
  const auto found = object.find("use");
  if (found == object.end()) return true;
  std::uint64_t number = 0;
  if (!read(*found, number) || number == 0 || number > std::numeric_limits<unsigned>::max()) {
    return false;
  }
  out = static_cast<unsigned>(number);
  return true;
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
  if (!record.object_id.empty()) object["object_id"] = record.object_id;
  if (record.use_no) object["use"] = *record.use_no;
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
      take(object, "effected", record.effected) && take_use(object, record.use_no);
  const bool has_object = object.is_object() && object.contains("object_id");
  if (!whole || (has_object && !take(object, "object_id", record.object_id))) {
    return fail(Errc::bad_value);
  }
  return record;
}

}  // namespace passgate::gate
