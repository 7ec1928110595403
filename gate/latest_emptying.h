// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "core/clock.h"

namespace passgate::gate {

/// The latest hour since which the people of a zone may be counted, by a clock that
/// shows `now`. A later one was told by a clock that ran ahead: it must not keep them
/// inside until that date. A day more than now, so that a clock that is set back across
/// the hour loses nobody when the hour comes again.
inline WallTime latest_emptying(WallTime now) noexcept {
  return now + std::chrono::hours(24);
}

}  // namespace passgate::gate
