// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/apdu.h"

namespace passgate::apdu {

/// The hardware edge: one powered card in one reader's field.
///
/// Implementations: pcsc::Card (production), ScriptedCard (replay, tests).
/// Used by one thread at a time; never shared.
class CardChannel {
 public:
  virtual ~CardChannel() = default;

  /// Sends one command and waits for its answer.
  ///
  /// @param command  Borrowed for the duration of the call.
  /// @return The raw answer including its two status bytes, owned by the
  ///         channel and valid until the next call. May be shorter than two
  ///         bytes when the reader is broken; `drive()` checks.
  ///         Errors: card_removed, reader_gone, pcsc_unavailable, too_large.
  ///
  /// There is no timeout parameter because PC/SC has none: the reader's own
  /// frame waiting time bounds the wait. Deadlines are checked between
  /// exchanges, by `drive()`.
  virtual Result<ByteView> transmit(const CommandApdu& command) = 0;

  /// Ends the contact and takes the field away: only then does a phone show its
  /// check mark. Every later transmit fails with card_removed. Never fails
  /// itself: a card that left is released already.
  virtual void release() noexcept = 0;

 protected:
  CardChannel() = default;
  CardChannel(const CardChannel&) = default;
  CardChannel& operator=(const CardChannel&) = default;
};

}  // namespace passgate::apdu
