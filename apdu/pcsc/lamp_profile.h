// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "apdu/lamp.h"
#include "core/bytes.h"

namespace passgate::apdu::pcsc {

/// One escape command; no lamp command is longer.
struct LampCommand {
  std::uint8_t length;
  std::array<std::uint8_t, 9> bytes;
  ByteView view() const noexcept { return ByteView(bytes).first(length); }
};

/// How one family of readers is told to light and beep
/// (docs/protocols/pcsc-readers.md section 3).
struct LampProfile {
  const char* match;  ///< Shell pattern on the PC/SC reader name.
  /// By Signal: admit, deny, attention, fault, idle. Sent in order.
  std::array<std::span<const LampCommand>, 5> commands;
  ByteView accepted;  ///< What the answer to a command starts with.
};

/// Null for a reader without a lamp we know. Static storage.
const LampProfile* lamp_profile(const std::string& reader) noexcept;

std::span<const LampCommand> commands_for(const LampProfile& profile, Signal signal) noexcept;

}  // namespace passgate::apdu::pcsc
