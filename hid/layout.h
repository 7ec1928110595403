// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace passgate::hid {

/// The modifier keys held while a key is pressed, to be pressed in this order.
/// `level3` is AltGr (ISO_Level3_Shift).
struct Modifiers {
  bool shift = false;
  bool level3 = false;
  friend bool operator==(const Modifiers&, const Modifiers&) = default;
};

/// One key and the modifiers it needs. `code` is a Linux KEY_* value.
struct Stroke {
  std::uint16_t code = 0;
  Modifiers with;
  friend bool operator==(const Stroke&, const Stroke&) = default;
};

/// What to press for a character on one XKB layout, computed once by asking
/// libxkbcommon what every key gives; of several ways the one that is printed on the
/// keys, as far as XKB lets it be known (ADR 27). Assumes that the host runs the same
/// layout (there is no way to ask it) with Caps Lock off (see KeyboardSink).
///
/// Immutable after compile(); safe to share between threads.
class Layout {
 public:
  /// @param name  "us", or "de(nodeadkeys)" for a variant; one layout only.
  /// Errors: bad_value (no such layout on this machine).
  static Result<Layout> compile(std::string_view name);

  /// The strokes that give `c`: one, or a dead key and the space bar. Empty when
  /// the layout cannot produce it. Borrowed from *this.
  std::span<const Stroke> strokes(char32_t c) const noexcept;

  /// KEY_* codes of the modifier keys and of Caps Lock; 0 where the layout has none.
  std::uint16_t shift_code() const noexcept { return shift_; }
  std::uint16_t level3_code() const noexcept { return level3_; }
  std::uint16_t caps_lock_code() const noexcept { return caps_lock_; }

  /// Every key that may be pressed for a text, modifiers and Caps Lock included;
  /// sorted, no duplicates.
  std::vector<std::uint16_t> codes() const;

 private:
  std::map<char32_t, std::vector<Stroke>> strokes_;
  std::uint16_t shift_ = 0;
  std::uint16_t level3_ = 0;
  std::uint16_t caps_lock_ = 0;
};

}  // namespace passgate::hid
