// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "hid/sink.h"

namespace passgate::hid {

struct KeyboardSettings {
  std::string device = "uinput";  ///< As core/keyboard_device.h; not tcp, which needs a network.
  std::string layout = "us";      ///< XKB layout, "de(nodeadkeys)" for a variant.
  /// Pause per key. Absent: derived from the kernel's 64-event ring so that a
  /// consumer that stalls one 60 Hz frame loses no key.
  std::optional<std::chrono::microseconds> key_delay;
  unsigned baud = 9600;        ///< serial: bits a second.
  std::string newline = "\r";  ///< serial: what is sent for Enter.
  std::filesystem::path uinput_node = "/dev/uinput";
};

/// Opens what the configuration names; a uinput device is created here, once,
/// because the kernel's consumers need time to notice a new one.
/// Errors: input_device_unavailable (errno as detail), bad_value (unknown
/// layout or device, tcp), storage_unwritable.
Result<std::unique_ptr<Sink>> open_sink(const KeyboardSettings& settings);

}  // namespace passgate::hid
