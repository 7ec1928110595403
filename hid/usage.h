// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace passgate::hid {

/// The bit of the first byte of a keyboard report for a modifier key, 0 for any
/// other key (HID 1.11, 8.3).
std::uint8_t modifier_bit(std::uint16_t key_code) noexcept;

/// The usage of a KEY_* code on the Keyboard/Keypad page (HID Usage Tables 1.12,
/// chapter 10). Only keys that a Layout presses; nothing for others, modifiers
/// among them.
std::optional<std::uint8_t> keyboard_usage(std::uint16_t key_code) noexcept;

}  // namespace passgate::hid
