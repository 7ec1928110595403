// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/reader_state.h"

#include <winscard.h>

namespace passgate::apdu::pcsc {
namespace {

// MUTE is kept because pcsc-lite reports a change for as long as the caller
// does not know of it.
constexpr DWORD kKept = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_EMPTY |
                        SCARD_STATE_PRESENT | SCARD_STATE_MUTE | 0xFFFF0000;

}  // namespace

ReaderState ReaderState::from_event(unsigned long event_state) noexcept {
  return ReaderState(static_cast<std::uint32_t>(event_state & kKept));
}

bool ReaderState::card_present() const noexcept {
  return (bits_ & SCARD_STATE_PRESENT) != 0;
}

bool ReaderState::mute() const noexcept {
  return (bits_ & SCARD_STATE_MUTE) != 0;
}

bool ReaderState::unavailable() const noexcept {
  return (bits_ & (SCARD_STATE_UNAVAILABLE | SCARD_STATE_UNKNOWN)) != 0;
}

}  // namespace passgate::apdu::pcsc
