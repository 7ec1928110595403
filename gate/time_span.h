// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <limits>

#include "core/clock.h"

namespace passgate::gate {

/// Milliseconds; stops at the ends of the range instead of wrapping.
inline Milliseconds in_ms(std::chrono::seconds span) noexcept {
  using Count = Milliseconds::rep;
  Count ms = 0;
  if (!__builtin_mul_overflow(span.count(), Count{1000}, &ms)) return Milliseconds(ms);
  return span.count() < 0 ? Milliseconds::min() : Milliseconds::max();
}

/// `span` (not negative) before or after `time`. Saturating too: one operand is
/// configured, the other may come from a file.
inline WallTime before(WallTime time, Milliseconds span) noexcept {
  Milliseconds::rep ms = 0;
  const bool over = __builtin_sub_overflow(time.time_since_epoch().count(), span.count(), &ms);
  return over ? WallTime::min() : WallTime(Milliseconds(ms));
}
inline WallTime after(WallTime time, Milliseconds span) noexcept {
  Milliseconds::rep ms = 0;
  const bool over = __builtin_add_overflow(time.time_since_epoch().count(), span.count(), &ms);
  return over ? WallTime::max() : WallTime(Milliseconds(ms));
}
inline WallTime before(WallTime time, std::chrono::seconds span) noexcept {
  return before(time, in_ms(span));
}
inline WallTime after(WallTime time, std::chrono::seconds span) noexcept {
  return after(time, in_ms(span));
}

}  // namespace passgate::gate
