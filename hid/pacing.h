// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "hid/keyboard.h"

namespace passgate::hid {

/// Events the kernel keeps for each reader of a keyboard's event node
/// (drivers/input/evdev.c: EVDEV_MIN_BUFFER_SIZE). The event that fills the ring
/// empties it and leaves SYN_DROPPED, so one less may wait unread.
inline constexpr std::size_t kEvdevRing = 64;

/// How long a consumer may stand still without losing a key: one frame at 60 Hz.
inline constexpr std::chrono::microseconds kConsumerStall{16'700};

/// Kernel events of one key going down or up: the key and the SYN_REPORT that ends
/// its report; of a USB keyboard also the usage it came by (MSC_SCAN).
inline constexpr std::size_t kEventsOfAKey = 2;
inline constexpr std::size_t kEventsOfAUsbKey = 3;

/// The most key events plan_keys() puts into one beat: two modifiers up, two
/// down, the key down and up, and at the end of a text two modifiers up.
inline constexpr std::size_t kLargestBeat = 8;

/// Kernel events that the derived pace spreads over one stall. A stall can also
/// begin just before a beat and see that beat whole, so the largest beat is set
/// aside; three more events are margin.
constexpr std::size_t events_per_stall(std::size_t events_of_a_key) noexcept {
  return kEvdevRing - 1 - kLargestBeat * events_of_a_key - 3;
}

/// Sets every beat's pause. Pure.
/// @param key_delay  The same pause after every key. Absent: each beat is
///   followed by quiet in proportion to its events, so that no kConsumerStall,
///   wherever it begins, sees the ring fill: 1.5 ms after an unshifted key.
/// @param events_of_a_key  How many kernel events the host makes of each KeyEvent.
void pace(std::span<KeyBeat> beats, std::optional<std::chrono::microseconds> key_delay,
          std::size_t events_of_a_key = kEventsOfAKey);

}  // namespace passgate::hid
