// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "hid/keyboard.h"
#include "hid/layout.h"
#include "hid/sink.h"

namespace passgate::hid {

/// Types on a keyboard. Thread-safe: one text at a time.
class KeyboardSink final : public Sink {
 public:
  /// @param key_delay  As pace() takes it.
  KeyboardSink(Layout layout, std::unique_ptr<Keyboard> keyboard,
               std::optional<std::chrono::microseconds> key_delay);

  Status type(std::string_view text) override;

 private:
  const Layout layout_;
  const std::optional<std::chrono::microseconds> key_delay_;
  std::mutex mutex_;  ///< Guards *keyboard_; held while a text is typed.
  const std::unique_ptr<Keyboard> keyboard_;
};

}  // namespace passgate::hid
