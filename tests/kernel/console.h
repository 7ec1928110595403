// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "hid/file_descriptor.h"

namespace passgate::kernel {

/// A virtual terminal of the kernel in the foreground, read as a program reads
/// it: line by line, in text, without echo. It keeps the terminal open, because
/// the kernel forgets a terminal's settings when the last one closes it. At its end
/// the terminal that was in front comes back.
class Console {
 public:
  Console();
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Loads one of console-data's keymaps; false when loadkeys cannot.
  bool load_keymap(const std::string& name);
  /// Whether some key gives this character: alone, or with Shift, AltGr or both,
  /// or as a dead key.
  bool has(char character) const;
  /// Whether Caps Lock is on, for this terminal.
  bool caps_lock() const;
  /// The next line, its end included; what there is when patience ends.
  std::string read_line();

 private:
  hid::FileDescriptor fd_;
  int shown_before_ = 1;
};

}  // namespace passgate::kernel
