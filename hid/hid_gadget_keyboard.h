// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "hid/file_descriptor.h"
#include "hid/keyboard.h"

namespace passgate::hid {

struct HidGadgetSettings {
  std::filesystem::path node = "/dev/hidg0";
  /// How long the till may leave a report waiting; one that is awake asks every
  /// few milliseconds.
  std::chrono::milliseconds report_patience{500};
};

/// The keyboard that this machine is for the computer at its USB device port: the
/// HID function of the kernel's gadget (docs/usb-gadget.md), in boot-protocol
/// reports (HID 1.11, appendix B.1).
///
/// The function holds one report until the till fetches it. So each report waits
/// for the one before, and a text begins and ends with all keys up fetched: a till
/// that is off or asleep is found out by a report that presses nothing. Should it
/// fall asleep in the middle of a key, all keys up is tried once more, as patiently.
///
/// After a failure the node is opened again for the next text, and for the same
/// one when nothing of it was fetched: the till may have been unplugged since the
/// last. Used by one thread at a time.
class HidGadgetKeyboard final : public Keyboard {
 public:
  /// Opens the node, so that a wrong path is found at start; nobody need be at the
  /// other end.
  /// @param codes  Every KEY_* code that will be pressed.
  /// Errors: input_device_unavailable (errno as detail), bad_value (a key that
  /// has no usage; the key as detail).
  static Result<std::unique_ptr<HidGadgetKeyboard>> open(HidGadgetSettings settings,
                                                         std::span<const std::uint16_t> codes);

  Status press(std::span<const KeyBeat> beats, const std::stop_token& cut) override;
  Result<bool> caps_lock() override;

 private:
  explicit HidGadgetKeyboard(HidGadgetSettings settings) noexcept;
  Status open_node();
  Status find_till();
  Status type(std::span<const KeyBeat> beats, const std::stop_token& cut);
  Status send(const KeyEvent& event);
  Status put_report();
  Status await_fetched();
  void release_all();

  const HidGadgetSettings settings_;
  FileDescriptor fd_;  ///< None after a failure.
  /// Modifiers, a reserved byte, and the usages of up to six keys; we need two.
  std::array<std::uint8_t, 8> report_{};
  bool caps_lock_ = false;
};

}  // namespace passgate::hid
