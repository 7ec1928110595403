// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "core/result.h"

namespace passgate::hid {

/// Where typed text goes. Implementations: KeyboardSink (uinput, USB gadget),
/// SerialSink, TextSink (appends to a file what would be typed), NullSink.
///
/// Thread-safe: texts of different threads never interleave.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Types the whole text or nothing. Blocks until the last key is up.
  /// Errors: untypable (a character the layout cannot produce; its offset is
  /// the detail, nothing was typed), caps_lock_stuck (nothing was typed),
  /// input_device_unavailable, storage_full, storage_unwritable, stopped.
  virtual Status type(std::string_view text) = 0;

  /// For the end of the process, which may come while other threads type: lets
  /// the text under way end, cuts it short after `patience`, and returns with no
  /// key down; no further text begins. Nothing to do where a text takes no time.
  virtual void stop(std::chrono::milliseconds /*patience*/) {}

 protected:
  Sink() = default;
  Sink(const Sink&) = default;
  Sink& operator=(const Sink&) = default;
};

}  // namespace passgate::hid
