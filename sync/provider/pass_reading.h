// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/config.h"
#include "sync/provider/json_reading.h"
#include "sync/provider/session.h"
#include "sync/provider/status_map.h"

namespace passgate::sync {

/// How a cloud's passes become rows, as the operator configured it.
struct ReadingRules {
  /// Status word → state; beats the built-in meaning.
  StatusMap status_map;
  std::optional<JsonPointer> valid_from;  ///< Into a pass.
  std::optional<JsonPointer> valid_until;
};
/// Fails with a sentence for the operator.
std::expected<ReadingRules, std::string> reading_rules(const runtime::ProviderConfig& config);

/// The time that is there, if any. False: something is there and is no time.
bool read_time(const std::optional<JsonPointer>& where, const nlohmann::json& pass,
               std::optional<WallTime>& to);

/// Gives `row` the state that `word` stands for and its times. False, and the
/// state unknown: a time is there that does not read as RFC 3339.
bool judge(const ReadingRules& rules, std::string_view word, gate::PassState built_in,
           const nlohmann::json& pass, MirrorRow& row);

/// The value at a JSON pointer (RFC 6901). Null: there is none.
const nlohmann::json* value_at(const nlohmann::json& from, std::string_view pointer);
/// A member that is text of 1 to kLongestId bytes. Null: there is none.
const std::string* id_in(const nlohmann::json& object, const char* name);
/// A member that counts uses. Absent or null counts as 0; nullopt: it is no count.
std::optional<std::uint64_t> uses_in(const nlohmann::json& object, const char* name);

/// From when on changes are to be asked for, given a reading that begins with
/// this answer: its Date (else `now`) less five minutes for clocks that differ
/// and writes that are still on their way. RFC 3339.
std::string changes_since(const HttpAnswer& first, WallTime now);

Failure bad_reply();

}  // namespace passgate::sync
