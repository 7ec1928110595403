// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <utility>

#include "core/clock.h"
#include "core/result.h"
#include "sim/tap/card_socket.h"
#include "sim/tap/phone.h"
#include "sim/tap/visit.h"

namespace passgate::sim {

/// A card in the USB CCID reader of a virtual machine: QEMU's device
/// ccid-card-passthru, whose socket speaks VSCARD (type, reader id and length of
/// four bytes each, high byte first; then as many bytes). A frame above 64 KiB is
/// the peer's error: QEMU's own buffer holds no more.
///
/// Such a reader does not tell when it powers the card off. Silence after an
/// answer has to stand for it.
class VscardLink {
 public:
  /// Connects, and says hello. The reader is plugged into the machine if it was
  /// not yet; it stays when we go.
  /// @param within  For the machine to answer.
  /// Errors: unreachable (errno as detail); deadline_exceeded; connection_lost;
  /// bad_reply: it does not speak VSCARD; too_large; rejected (its code as detail).
  static Result<VscardLink> enter(const std::filesystem::path& socket, Milliseconds within);

  /// Puts the card in, lets the reader and the phone talk until one of the
  /// departures, and takes the card out.
  /// @param at_most  Safety bound on the whole visit. @param silence  After an answer.
  Visit hold(Phone& phone, Milliseconds at_most, Milliseconds silence);

 private:
  explicit VscardLink(CardSocket socket) noexcept : socket_(std::move(socket)) {}

  CardSocket socket_;
};

}  // namespace passgate::sim
