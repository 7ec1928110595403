// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/result.h"

namespace passgate::hid {

/// One key going down or up. `code` is a Linux KEY_* value.
struct KeyEvent {
  std::uint16_t code;
  bool down;
  friend bool operator==(const KeyEvent&, const KeyEvent&) = default;
};

/// One key pressed, with the modifiers it needs, and the quiet after it.
struct KeyBeat {
  std::vector<KeyEvent> events;
  std::chrono::microseconds pause_after{0};
};

/// The hardware edge: something that presses keys. Implementations:
/// UinputKeyboard, HidGadgetKeyboard, RecordingKeyboard (tests). Used by one
/// thread at a time.
class Keyboard {
 public:
  virtual ~Keyboard() = default;

  /// Presses the beats in order and returns after the last pause.
  /// @param cut  When requested, no further beat begins.
  /// Errors: input_device_unavailable (errno as detail), stopped (cut short);
  /// keys that were down are released before it returns.
  virtual Status press(std::span<const KeyBeat> beats, const std::stop_token& cut) = 0;

  /// Whether Caps Lock is on at the host, as its light last said; false where the
  /// host never told. A host takes milliseconds to tell what a key changed.
  /// Errors: input_device_unavailable (errno as detail).
  virtual Result<bool> caps_lock() = 0;

 protected:
  Keyboard() = default;
  Keyboard(const Keyboard&) = default;
  Keyboard& operator=(const Keyboard&) = default;
};

}  // namespace passgate::hid
