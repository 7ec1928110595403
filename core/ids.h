// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/tagged.h"

namespace passgate {

/// An Apple pass type identifier, e.g. "pass.com.example.ticket". Case matters.
using PassTypeId = Tagged<std::string, struct PassTypeIdTag>;
/// SHA-256 of a pass type identifier; how VAS names a merchant.
using MerchantHash = Tagged<std::array<std::uint8_t, 32>, struct MerchantHashTag>;

/// How Google numbers a merchant that collects Smart Tap passes, e.g. 20180608.
using CollectorId = Tagged<std::uint32_t, struct CollectorIdTag>;

/// One physical tap, or what was said of one later. A UUID of version 7 (RFC 9562
/// §5.7), made before the decision: it is the CloudEvents id, the webhook id and every idempotency
/// key that this tap ever gets.
class TapId {
 public:
  constexpr TapId() = default;  ///< All zero.
  /// @param random  Ten fresh random bytes.
  static TapId make(WallTime time, std::span<const std::uint8_t, 10> random);
  /// An id that follows from another: version 8, with the time of `of`.
  /// @param bits  What else tells it from others; six of the bits are lost.
  static TapId derived(const TapId& of, std::span<const std::uint8_t, 10> bits);
  /// The usual 8-4-4-4-12 form, lower case. Errors: bad_value.
  static Result<TapId> parse(std::string_view text);

  std::string text() const;
  const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  friend auto operator<=>(const TapId&, const TapId&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace passgate
