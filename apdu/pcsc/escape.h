// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/result.h"

namespace passgate::apdu::pcsc {

/// A connection's number (SCARDHANDLE); 0 is none.
using CardHandle = long;

/// Sends reader vendors' escape commands: to the reader, not to a card.
/// Remembers which control code the reader's driver wants: what the feature
/// request names, else that of the ACS driver (3500), else that of libccid (1).
/// Used by one thread.
class Escape {
 public:
  /// @return The reader's raw answer. Errors: as PC/SC's return codes map;
  /// libccid refuses every escape unless its Info.plist allows them.
  Result<Bytes> send(CardHandle handle, ByteView command);

 private:
  std::optional<std::uint32_t> code_;
};

}  // namespace passgate::apdu::pcsc
