// SPDX-License-Identifier: Apache-2.0
#include "hid/keyboard_sink.h"

#include <utility>

#include "hid/key_plan.h"
#include "hid/pacing.h"

namespace passgate::hid {

KeyboardSink::KeyboardSink(Layout layout, std::unique_ptr<Keyboard> keyboard,
                           std::optional<std::chrono::microseconds> key_delay)
    : layout_(std::move(layout)), key_delay_(key_delay), keyboard_(std::move(keyboard)) {}

Status KeyboardSink::type(std::string_view text) {
  auto beats = plan_keys(text, layout_);
  if (!beats) return std::unexpected(beats.error());
  if (beats->empty()) return {};
  pace(*beats, key_delay_);
  const std::lock_guard lock(mutex_);
  return keyboard_->press(*beats);
}

}  // namespace passgate::hid
