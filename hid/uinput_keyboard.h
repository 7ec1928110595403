// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "hid/keyboard.h"

namespace passgate::hid {

struct UinputSettings {
  std::filesystem::path node = "/dev/uinput";
  /// Quiet between the birth of the device and its first key. Programs open a new
  /// keyboard some time after the kernel announces it and lose what was typed
  /// before (the kernel's uinput documentation waits one second as well).
  std::chrono::milliseconds settle{1000};
};

/// A virtual keyboard of the kernel, "passgate keyboard". It lives as long as the
/// object: a device per tap would lose its first keys. It has no auto-repeat, so
/// a key cannot run away when the process stalls between down and up.
///
/// When the device fails, keys that were down are released and the device is
/// destroyed, which makes the kernel release what is left; the next press() makes
/// a new one, once. Used by one thread at a time.
///
/// It has one light, for Caps Lock. Console and desktop set it, on a new keyboard
/// too, and the kernel tells us.
class UinputKeyboard final : public Keyboard {
 public:
  /// @param codes  Every KEY_* code that will be pressed.
  /// Errors: input_device_unavailable (errno as detail).
  static Result<std::unique_ptr<UinputKeyboard>> create(UinputSettings settings,
                                                        std::vector<std::uint16_t> codes);
  /// Waits for one consumer stall after the last key: the kernel throws away what
  /// nobody has read when the device goes.
  ~UinputKeyboard() override;
  UinputKeyboard(const UinputKeyboard&) = delete;
  UinputKeyboard& operator=(const UinputKeyboard&) = delete;

  Status press(std::span<const KeyBeat> beats, const std::stop_token& cut) override;
  Result<bool> caps_lock() override;

 private:
  class Device;
  UinputKeyboard(UinputSettings settings, std::vector<std::uint16_t> codes) noexcept;
  Status ready();  ///< Makes a device if there is none, and waits until it is settled.
  Status open_device();

  const UinputSettings settings_;
  const std::vector<std::uint16_t> codes_;
  std::unique_ptr<Device> device_;  ///< None after a failure.
  std::chrono::steady_clock::time_point settled_;
  std::chrono::steady_clock::time_point last_key_;
};

}  // namespace passgate::hid
