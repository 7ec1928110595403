// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/clock.h"

namespace passgate::sim {

/// An id that no earlier run of a sandbox has given: receivers tell events apart by it.
/// `prefix` and 24 hex digits.
std::string fresh_id(std::string_view prefix);
/// The same as a UUID.
std::string fresh_uuid(WallTime now);

}  // namespace passgate::sim
