// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "hid/keyboard.h"

namespace passgate::hid {

/// Keeps what it was told to press, without the pauses. Yields between beats, so
/// that two threads in here at once would mix their texts.
class RecordingKeyboard final : public Keyboard {
 public:
  using Record = std::shared_ptr<std::vector<KeyBeat>>;
  explicit RecordingKeyboard(Record record) : record_(std::move(record)) {}

  /// The host's light, asked after what was pressed so far; none: off for ever.
  std::function<bool()> light;
  /// Called before each beat, with the count of those before it; what it returns
  /// is what becomes of the beat.
  std::function<Status(std::size_t)> before_beat;

  Status press(std::span<const KeyBeat> beats, const std::stop_token& cut) override {
    for (const KeyBeat& beat : beats) {
      if (cut.stop_requested()) return fail(Errc::stopped);
      if (before_beat) {
        if (const Status may = before_beat(record_->size()); !may) return may;
      }
      record_->push_back(beat);
      std::this_thread::yield();
    }
    return {};
  }

  Result<bool> caps_lock() override { return light && light(); }

 private:
  Record record_;
};

}  // namespace passgate::hid
