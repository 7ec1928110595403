// SPDX-License-Identifier: Apache-2.0
#pragma once

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

  Status press(std::span<const KeyBeat> beats) override {
    for (const KeyBeat& beat : beats) {
      record_->push_back(beat);
      std::this_thread::yield();
    }
    return {};
  }

 private:
  Record record_;
};

}  // namespace passgate::hid
