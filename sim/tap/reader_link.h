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

/// A card in a virtual reader's field: one connection to the reader's stream
/// socket, vpcd framing (length[2] high byte first, payload; a payload of one
/// byte is a control: 0 off, 1 on, 2 reset, 4 ask for the ATR). Leaves the field
/// when it is destroyed.
class ReaderLink {
 public:
  /// Enters the field. Errors: unreachable (errno as detail).
  static Result<ReaderLink> enter(const std::filesystem::path& socket);

  /// Lets the reader and the phone talk until one of the departures.
  /// @param at_most  Safety bound on the whole visit.
  Visit hold(Phone& phone, Milliseconds at_most);

 private:
  explicit ReaderLink(CardSocket socket) noexcept : socket_(std::move(socket)) {}

  CardSocket socket_;
};

}  // namespace passgate::sim
