// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "sim/tap/phone.h"

namespace passgate::sim {

/// How a visit to a reader's field ended.
enum class Departure : std::uint8_t {
  released,       ///< The reader took the field away after an exchange: a tap is over.
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
};

/// A card in a virtual reader's field: one connection to the reader's stream
/// socket, vpcd framing (length[2] high byte first, payload; a payload of one
/// byte is a control: 0 off, 1 on, 2 reset, 4 ask for the ATR).
class ReaderLink {
 public:
  /// Enters the field. Errors: unreachable (errno as detail).
  static Result<ReaderLink> enter(const std::filesystem::path& socket);
  ReaderLink(ReaderLink&& other) noexcept;
  ReaderLink& operator=(ReaderLink&& other) noexcept;
  ~ReaderLink();  ///< Leaves the field.

  /// Lets the reader and the phone talk until one of the departures.
  /// @param at_most  Safety bound on the whole visit.
  Visit hold(Phone& phone, Milliseconds at_most);

 private:
  explicit ReaderLink(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace passgate::sim
