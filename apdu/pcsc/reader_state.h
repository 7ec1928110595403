// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace passgate::apdu::pcsc {

/// What SCardGetStatusChange last said of a reader; a value.
///
/// It holds exactly what must be given back to the next call: presence,
/// availability, muteness and the event counter, without which a card that
/// leaves and another that comes between two calls would go unseen. The sharing
/// flags are left out, because other programs' connections do not concern us.
class ReaderState {
 public:
  /// Nothing known yet: a wait returns at once.
  ReaderState() noexcept = default;
  /// @param event_state  dwEventState.
  static ReaderState from_event(unsigned long event_state) noexcept;

  /// For dwCurrentState.
  unsigned long known() const noexcept { return bits_; }

  bool is_known() const noexcept { return bits_ != 0; }
  bool card_present() const noexcept;
  /// There is a card that could not be powered.
  bool mute() const noexcept;
  /// The driver lost the reader, or pcscd does not list it.
  bool unavailable() const noexcept;
  /// One more for each card that came and each that left, modulo 65536.
  std::uint16_t events() const noexcept { return static_cast<std::uint16_t>(bits_ >> 16); }

  friend bool operator==(ReaderState, ReaderState) noexcept = default;

 private:
  explicit ReaderState(std::uint32_t bits) noexcept : bits_(bits) {}
  std::uint32_t bits_ = 0;
};

}  // namespace passgate::apdu::pcsc
