// SPDX-License-Identifier: Apache-2.0
#include "cli/opened_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace passgate::cli {
namespace {

using nlohmann::ordered_json;

std::string message(const Error& error, ByteView cryptogram) {
  switch (error.code()) {
    case Errc::too_short: return "shorter than the 52 bytes of an empty cryptogram";
    case Errc::too_large: return "longer than any phone sends";
    case Errc::unknown_key:
      return "sealed for key " +
             to_hex(cryptogram.first(std::min<std::size_t>(4, cryptogram.size()))) +
             ", which was not given";
    case Errc::bad_point: return "the phone's point is not on the curve";
    case Errc::auth_failed: return "not sealed for this pass type identifier, or changed since";
    case Errc::short_plaintext: return "authentic, but too short for a timestamp";
    default: return "cannot be opened";
  }
}

}  // namespace

ordered_json opened_json(const PassTypeId& id, ByteView cryptogram,
                         const Result<crypto::OpenedVas>& opened) {
  if (!opened) return error_json(opened.error(), message(opened.error(), cryptogram));
  const ByteView payload = opened->payload.expose();
  return {{"key_id", to_hex(opened->key_id.value())},
          {"pass_type_id", id.value()},
          {"timestamp", to_rfc3339(opened->stamped_at)},
          {"payload", to_valid_utf8(payload)},
          {"payload_hex", to_hex(payload)}};
}

ordered_json error_json(const Error& error, std::string text) {
  return {{"error", name(error.code())}, {"message", std::move(text)}};
}

std::string one_line(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace passgate::cli
