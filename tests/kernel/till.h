// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "hid/file_descriptor.h"
#include "hid/keyboard.h"
#include "tests/hid/host.h"

struct input_event;

namespace passgate::kernel {

/// What a till made of the keys it got.
struct Receipt {
  std::string text;
  bool dropped = false;                          ///< The kernel said SYN_DROPPED.
  std::chrono::microseconds longest_absence{0};  ///< Between two looks at the keyboard.
  bool all_keys_up = false;
  bool caps_lock = false;
};

/// A program that reads a keyboard's event node, alone, with a layout and a Caps
/// Lock light, and that may be slow. Reads on a thread of its own until Enter came,
/// all keys are up and Caps Lock is as it was, or keys were dropped, or patience ends.
class Till {
 public:
  /// @param stall      How long it stands still after each look.
  /// @param caps_lock  How it begins.
  Till(const std::filesystem::path& node, const std::string& layout,
       std::chrono::microseconds stall = {}, bool caps_lock = false);

  /// Waits for the thread's end.
  Receipt receipt();

 private:
  void serve(std::chrono::microseconds stall);
  bool done() const;
  bool look();
  void take(std::span<const input_event> events);
  void show_caps_lock(bool on) const;

  hid::FileDescriptor fd_;
  hid::Host host_;
  Receipt receipt_;
  const bool caps_lock_at_first_;
  bool enter_ = false;
  std::jthread thread_;
};

}  // namespace passgate::kernel
