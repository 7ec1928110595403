// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>

#include "hid/keyboard.h"
#include "hid/layout.h"
#include "hid/pacing.h"
#include "hid/sink.h"

namespace passgate::hid {

/// Types on a keyboard. Thread-safe: one text at a time.
///
/// Where the host has Caps Lock on, it is switched off for the text by its key
/// and on again afterwards, also when the text failed half-way. A host that does
/// not show it off gets no text (caps_lock_stuck): it would be another one.
class KeyboardSink final : public Sink {
 public:
  /// @param key_delay, events_of_a_key  As pace() takes them.
  KeyboardSink(Layout layout, std::unique_ptr<Keyboard> keyboard,
               std::optional<std::chrono::microseconds> key_delay,
               std::size_t events_of_a_key = kEventsOfAKey);

  Status type(std::string_view text) override;
  void stop(std::chrono::milliseconds patience) override;
  /// A stop() is cutting the text under way short.
  bool stopping() const noexcept { return cut_.stop_requested(); }

 private:
  Status type_despite_caps_lock(std::span<const KeyBeat> beats);
  Status switch_caps_lock(bool on);
  Status press_caps_lock();
  bool caps_lock_becomes(bool on);

  const Layout layout_;
  const std::optional<std::chrono::microseconds> key_delay_;
  const std::size_t events_of_a_key_;
  std::stop_source cut_;
  std::timed_mutex mutex_;              ///< Guards keyboard_; held while a text is typed.
  std::unique_ptr<Keyboard> keyboard_;  ///< None after stop().
};

}  // namespace passgate::hid
