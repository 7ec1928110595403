// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "hid/keyboard.h"
#include "hid/layout.h"

namespace passgate::hid {

/// The longest text that is typed, in bytes. A pass's content has a say in the
/// length, and a keyboard that types for minutes is out of order.
inline constexpr std::size_t kLongestText = 4096;

/// What to press so that a host with this layout receives exactly `text`. Pure.
/// One beat per key, pauses left at zero (see pacing.h). Modifiers are held over
/// neighbours that need the same ones; the last beat leaves every key up.
/// Enter stands for "\n", "\r" and "\r\n".
/// Errors: untypable with the byte offset of the first character that has no
/// key, is not valid UTF-8, or lies beyond kLongestText.
Result<std::vector<KeyBeat>> plan_keys(std::string_view text, const Layout& layout);

}  // namespace passgate::hid
