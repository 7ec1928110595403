// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::sync {

/// How the readers take members out of a push. Plain functions; any thread.

inline constexpr std::size_t kLargestPush = std::size_t{256} << 10;  ///< Bytes of a body.
inline constexpr std::size_t kLongestName = 256;                     ///< Bytes of any string kept.

/// The body as a JSON object. Errors: bad_value; too_large.
Result<nlohmann::json> push_object(std::string_view body);

/// A member of an object; null when there is none, or `from` is no object.
/// Borrowed from `from`.
const nlohmann::json& member(const nlohmann::json& from, const char* key);

/// A string of at most kLongestName bytes. Empty: absent or null.
/// Errors: bad_value (another type, or longer).
Result<std::string> name_in(const nlohmann::json& from, const char* key);
/// The same, where the push means nothing without it. Errors: bad_value also
/// when it is absent or empty.
Result<std::string> needed_name_in(const nlohmann::json& from, const char* key);

/// How old an event may be, and how far its clock may be ahead of ours.
struct AgeWindow {
  Milliseconds oldest{0};
  Milliseconds ahead{0};
};
/// Errors: bad_value (no RFC 3339 time), too_old (outside the window, on either
/// side).
Status check_age(std::string_view time, const AgeWindow& window, WallTime now);

/// One key out of several strings, such that different lists never give the
/// same key.
std::string dedup_key_of(std::initializer_list<std::string_view> parts);

/// The tap id among the values of `fields` (text, or {"value": text}), of which
/// the first 256 are looked at; empty: none. Only UUIDs of version 7 count, for
/// those of merchants' own fields are mostly of others.
std::string tap_id_in(const nlohmann::json& fields);

}  // namespace passgate::sync
