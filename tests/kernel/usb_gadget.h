// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace passgate::kernel {

/// A gadget keyboard made as docs/usb-gadget.md says, plugged into the same machine
/// by dummy_hcd: what is written to its node comes back as a USB keyboard.
class UsbGadget {
 public:
  UsbGadget();
  ~UsbGadget();
  UsbGadget(const UsbGadget&) = delete;
  UsbGadget& operator=(const UsbGadget&) = delete;

  bool plug() const;
  bool unplug() const;  ///< And until the till has noticed.
  /// The node that passgated types on; empty: it never came.
  static std::filesystem::path node();
  /// The event node of the keyboard at the till; empty: it never came.
  static std::filesystem::path keyboard_at_the_till();

 private:
  std::filesystem::path folder_;
};

}  // namespace passgate::kernel
