// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace passgate::sim {

/// The ATR of a type A card without historical bytes: TS T0 TD1 TD2 TCK (PC/SC part 3).
inline constexpr std::uint8_t kPhoneAtr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};

/// How a visit to a reader's field ended.
enum class Departure : std::uint8_t {
  released,       ///< The reader took the field away after an exchange: a tap is over.
  silence,        ///< It asked nothing more; where a reader does not tell, the same thing.
  time_over,      ///< Nobody did within the time given.
  reader_closed,  ///< The reader went away, or gave the card up.
  phone_left,     ///< The phone was told to leave.
};
std::string_view name(Departure departure) noexcept;

struct Visit {
  static constexpr std::size_t kMostStatuses = 256;  ///< Kept of a visit; more are counted only.

  Departure departure = Departure::time_over;
  bool powered = false;
  unsigned commands = 0;
  unsigned answered = 0;
  std::vector<std::uint16_t> statuses;   ///< SW1 SW2 of each answer; 0: it had none.
  std::chrono::microseconds in_field{};  ///< From connecting to leaving.
  std::chrono::microseconds talking{};   ///< From the first command to the field going away.

  /// One more answer has reached the reader.
  void count(ByteView answer);
};

}  // namespace passgate::sim
