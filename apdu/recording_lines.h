// SPDX-License-Identifier: Apache-2.0
// Internal to apdu/: how the single lines of a recording read. What may follow
// what is the business of parse_recording().
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "apdu/recording.h"
#include "core/bytes.h"

namespace passgate::apdu {

/// Wrong with the line at hand; the reader of the lines adds its number.
using Complaint = std::expected<void, std::string>;
inline std::unexpected<std::string> wrong(std::string message) {
  return std::unexpected(std::move(message));
}

inline constexpr std::string_view kBlank = " \t\r";

std::string_view trim(std::string_view text);
/// Takes the first word from the front of `text`.
std::string_view take_word(std::string_view& text);

template <std::size_t N>
Complaint fixed_hex(std::string_view text, std::array<std::uint8_t, N>& out) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return wrong("not " + std::to_string(N) + " bytes in hex");
  std::ranges::copy(*bytes, out.begin());
  return {};
}
template <std::size_t N>
Complaint fixed_hex(std::string_view text, std::optional<std::array<std::uint8_t, N>>& out) {
  return fixed_hex(text, out.emplace());
}

/// @param rest  What follows `profile apple`.
Complaint read_apple_profile(std::string_view rest, AppleProfile& profile);
/// @param rest  What follows `profile google`.
Complaint read_google_profile(std::string_view rest, GoogleProfile& profile);
/// @param rest  What follows `attempt`.
Complaint read_attempt(std::string_view rest, RecordedAttempt& attempt);

}  // namespace passgate::apdu
