// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace passgate {

/// What `keyboard.device` can name. Both daemons act on it: `tcp` is reached by
/// passgate-syncd, because passgated has no network.
enum class KeyboardKind {
  uinput,  ///< A virtual keyboard of this machine.
  hidg,    ///< A USB gadget keyboard: this machine plugged into the till.
  serial,  ///< A serial line to the till.
  tcp,     ///< A TCP connection to the till.
  text,    ///< A file, appended to.
  none,
};

struct KeyboardDevice {
  KeyboardKind kind = KeyboardKind::uinput;
  std::string target;  ///< hidg, serial, text: PATH. tcp: HOST:PORT. Else empty.
  friend bool operator==(const KeyboardDevice&, const KeyboardDevice&) = default;
};

/// Reads "uinput", "none", or "KIND:TARGET" with a target that is not empty; what
/// the target holds is not judged. Nothing when it is none of these. Pure.
std::optional<KeyboardDevice> keyboard_device(std::string_view text);

}  // namespace passgate
