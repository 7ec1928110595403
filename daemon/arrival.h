// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "apdu/pcsc/reader_state.h"

namespace passgate::daemon {

/// Tells a card that has just come from one that was there already, by the
/// event counters of successive reader states. Pure.
///
/// It knows two imperfections of pcsc-lite 1.9.9, which show when several readers
/// are busy and one's event makes the threads of all look:
/// - libpcsclite keeps the states of all readers in one table for the whole
///   process, and a thread may overwrite it with an answer older than the one
///   another thread is about to read. So a state can be older than the last.
/// - pcscd sets "present" a moment before it counts the event. So the first
///   state that shows a card can carry a counter that is one too low.
/// A third it cannot know: ending a connection just as the card leaves can make
/// pcscd show it as present once more. Nothing can be connected to then, and a
/// lost card is reported that nobody held.
class Arrival {
 public:
  enum class News : std::uint8_t {
    none,   ///< Nothing new, or older than what is known already: keep that.
    state,  ///< The state changed, and there is no new card.
    card,   ///< A card is there that was not announced before.
  };
  News observe(apdu::pcsc::ReaderState state);

  /// The newest state seen, to wait for a change of.
  apdu::pcsc::ReaderState known() const noexcept { return known_; }

 private:
  bool is_older(apdu::pcsc::ReaderState state) const;
  apdu::pcsc::ReaderState known_;
  std::optional<std::uint16_t> announced_;  ///< The event that brought the card.
  bool just_announced_ = false;             ///< No state has been seen since.
};

}  // namespace passgate::daemon
