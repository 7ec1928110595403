// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/card_channel.h"
#include "apdu/lamp.h"

namespace passgate::daemon {

/// What a reader thread does with a card that came into the field. Made once
/// per reader, used by that reader's thread only. Implementations: TapFlow,
/// tests.
class CardVisitor {
 public:
  virtual ~CardVisitor() = default;

  /// The whole tap: returns when the effects are done. The thread then waits
  /// for the card to leave and re-arms. `card` is connected and powered.
  virtual void visit(apdu::CardChannel& card, apdu::Lamp& lamp) noexcept = 0;

 protected:
  CardVisitor() = default;
  CardVisitor(const CardVisitor&) = default;
  CardVisitor& operator=(const CardVisitor&) = default;
};

}  // namespace passgate::daemon
