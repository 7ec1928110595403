// SPDX-License-Identifier: Apache-2.0
#include "daemon/arrival.h"

#include <utility>

namespace passgate::daemon {

Arrival::News Arrival::observe(apdu::pcsc::ReaderState state) {
  if (is_older(state)) return News::none;
  const bool first_look = std::exchange(just_announced_, false);
  if (state == known_) return News::none;
  known_ = state;
  if (!state.card_present()) {
    announced_.reset();
    return News::state;
  }
  // Another card counts as two events: one left, one came. A single event more
  // right after the announcement is that card's own, counted late.
  const auto since =
      announced_ ? static_cast<std::uint16_t>(state.events() - *announced_) : std::uint16_t{2};
  announced_ = state.events();
  if (since == 0 || (since == 1 && first_look)) return News::state;
  just_announced_ = true;
  return News::card;
}

bool Arrival::is_older(apdu::pcsc::ReaderState state) const {
  // A reader that was unavailable counts anew.
  if (!known_.is_known() || known_.unavailable() || state.unavailable()) return false;
  const auto step = static_cast<std::uint16_t>(state.events() - known_.events());
  return step > 0x8000;
}

}  // namespace passgate::daemon
