// SPDX-License-Identifier: Apache-2.0
#include "hid/keyboard_sink.h"

#include <thread>
#include <utility>

#include "hid/key_plan.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

/// From the Caps Lock key to the host's light, at most: a desktop needs a frame
/// or two, a thin client the way to its server and back.
constexpr auto kLightPatience = 500ms;
constexpr auto kLightPause = 1ms;

}  // namespace

KeyboardSink::KeyboardSink(Layout layout, std::unique_ptr<Keyboard> keyboard,
                           std::optional<std::chrono::microseconds> key_delay,
                           std::size_t events_of_a_key)
    : layout_(std::move(layout)),
      key_delay_(key_delay),
      events_of_a_key_(events_of_a_key),
      keyboard_(std::move(keyboard)) {}

Status KeyboardSink::type(std::string_view text) {
  auto beats = plan_keys(text, layout_);
  if (!beats) return std::unexpected(beats.error());
  if (beats->empty()) return {};
  pace(*beats, key_delay_, events_of_a_key_);
  const std::lock_guard lock(mutex_);
  if (!keyboard_) return fail(Errc::stopped);
  const auto caps_lock = keyboard_->caps_lock();
  if (!caps_lock) return std::unexpected(caps_lock.error());
  return *caps_lock ? type_despite_caps_lock(*beats) : keyboard_->press(*beats, cut_.get_token());
}

void KeyboardSink::stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_, patience);
  if (!lock.owns_lock()) {
    cut_.request_stop();
    lock.lock();
  }
  keyboard_.reset();
}

Status KeyboardSink::type_despite_caps_lock(std::span<const KeyBeat> beats) {
  if (const Status off = switch_caps_lock(false); !off) return off;
  const Status typed = keyboard_->press(beats, cut_.get_token());
  // After a failure the device may be a new one, and what the host made of the
  // text unknown: its light decides.
  if (const auto on = keyboard_->caps_lock(); on && !*on) {
    [[maybe_unused]] const Status restored = switch_caps_lock(true);
  }
  return typed;
}

Status KeyboardSink::switch_caps_lock(bool on) {
  if (layout_.caps_lock_code() == 0) return fail(Errc::caps_lock_stuck);
  if (const Status pressed = press_caps_lock(); !pressed) return pressed;
  if (caps_lock_becomes(on)) return {};
  // The key does something else there, or nobody listens: take it back.
  if (!on) {
    [[maybe_unused]] const Status taken_back = press_caps_lock();
  }
  return fail(Errc::caps_lock_stuck);
}

Status KeyboardSink::press_caps_lock() {
  KeyBeat tap{.events = {{layout_.caps_lock_code(), true}, {layout_.caps_lock_code(), false}}};
  pace({&tap, 1}, key_delay_, events_of_a_key_);
  return keyboard_->press({&tap, 1}, {});
}

bool KeyboardSink::caps_lock_becomes(bool on) {
  const auto deadline = std::chrono::steady_clock::now() + kLightPatience;
  while (true) {
    const auto now = keyboard_->caps_lock();
    if (now && *now == on) return true;
    if (!now || std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kLightPause);
  }
}

}  // namespace passgate::hid
