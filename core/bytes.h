// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace passgate {

using Bytes = std::vector<std::uint8_t>;         ///< Owned.
using ByteView = std::span<const std::uint8_t>;  ///< Borrowed.

/// Lower-case hex, two characters a byte.
std::string to_hex(ByteView bytes);

/// Either case; no spaces, no prefix. Empty text gives no bytes.
/// Errors: bad_hex, with the offset of the first wrong character (or the
/// length, when it is odd) as detail.
Result<Bytes> from_hex(std::string_view text);

/// Standard base64 with padding (RFC 4648 §4).
std::string to_base64(ByteView bytes);
/// Errors: bad_value.
Result<Bytes> from_base64(std::string_view text);

/// The characters as bytes; borrowed from `text`.
inline ByteView bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// The bytes as characters; borrowed from `bytes`.
inline std::string_view text_of(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::uint16_t be16(ByteView b) noexcept {
  return static_cast<std::uint16_t>(b[0] << 8 | b[1]);
}
inline std::uint32_t be32(ByteView b) noexcept {
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}
inline void append(Bytes& to, ByteView more) {
  to.insert(to.end(), more.begin(), more.end());
}
inline void append_be16(Bytes& to, std::uint16_t v) {
  to.push_back(static_cast<std::uint8_t>(v >> 8));
  to.push_back(static_cast<std::uint8_t>(v));
}
inline void append_be32(Bytes& to, std::uint32_t v) {
  append_be16(to, static_cast<std::uint16_t>(v >> 16));
  append_be16(to, static_cast<std::uint16_t>(v));
}

/// `bytes` as UTF-8 with every invalid sequence replaced by U+FFFD, so that the
/// result may stand in JSON.
std::string to_valid_utf8(ByteView bytes);

}  // namespace passgate
