// SPDX-License-Identifier: Apache-2.0
#include "core/ids.h"

#include <algorithm>

#include "core/bytes.h"

namespace passgate {

namespace {

void stamp(std::array<std::uint8_t, 16>& bytes, unsigned version) {
  bytes[6] = static_cast<std::uint8_t>(version << 4 | (bytes[6] & 0x0FU));
  bytes[8] = static_cast<std::uint8_t>(0x80U | (bytes[8] & 0x3FU));  // RFC 9562 variant
}

}  // namespace

TapId TapId::make(WallTime time, std::span<const std::uint8_t, 10> random) {
  TapId id;
  const auto ms = static_cast<std::uint64_t>(time.time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes_[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  std::ranges::copy(random, id.bytes_.begin() + 6);
  stamp(id.bytes_, 7);
  return id;
}

TapId TapId::derived(const TapId& of, std::span<const std::uint8_t, 10> bits) {
  TapId id = of;
  std::ranges::copy(bits, id.bytes_.begin() + 6);
  stamp(id.bytes_, 8);
  return id;
}

std::string TapId::text() const {
  std::string text = to_hex(bytes_);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

Result<TapId> TapId::parse(std::string_view text) {
  if (text.size() != 36) return fail(Errc::bad_value);
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return fail(Errc::bad_value);
    if (!dash) digits.push_back(text[i]);
  }
  const auto bytes = from_hex(digits);
  if (!bytes) return fail(Errc::bad_value);
  TapId id;
  std::ranges::copy(*bytes, id.bytes_.begin());
  return id;
}

}  // namespace passgate
