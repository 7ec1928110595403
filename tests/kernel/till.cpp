// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/till.h"

#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>

#include "core/require.h"
#include "tests/kernel/guest.h"

namespace passgate::kernel {

using hid::KeyEvent;
using std::chrono::microseconds;
using std::chrono::steady_clock;

Till::Till(const std::filesystem::path& node, const std::string& layout, microseconds stall,
           bool caps_lock)
    : fd_(::open(node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)),
      host_(layout),
      caps_lock_at_first_(caps_lock) {
  PG_REQUIRE(fd_);
  PG_REQUIRE(::ioctl(fd_.get(), EVIOCGRAB, 1) == 0);  // The console shall not get them.
  if (caps_lock) {
    static_cast<void>(
        host_.receive(std::array{KeyEvent{KEY_CAPSLOCK, true}, KeyEvent{KEY_CAPSLOCK, false}}));
  }
  show_caps_lock(caps_lock);
  thread_ = std::jthread([this, stall] { serve(stall); });
}

Receipt Till::receipt() {
  thread_.join();
  receipt_.all_keys_up = host_.all_keys_up();
  receipt_.caps_lock = host_.caps_lock();
  return receipt_;
}

void Till::serve(microseconds stall) {
  const auto deadline = steady_clock::now() + kPatience;
  while (!done() && steady_clock::now() < deadline) {
    const auto left = steady_clock::now();
    if (stall.count() > 0) {
      std::this_thread::sleep_for(stall);  // This is the slowness, nothing waits for it.
    } else {
      ::pollfd waiting{fd_.get(), POLLIN, 0};
      ::poll(&waiting, 1, 100);
    }
    const auto absence = std::chrono::duration_cast<microseconds>(steady_clock::now() - left);
    if (look()) receipt_.longest_absence = std::max(receipt_.longest_absence, absence);
  }
}

bool Till::done() const {
  const bool as_before = host_.all_keys_up() && host_.caps_lock() == caps_lock_at_first_;
  return receipt_.dropped || (enter_ && as_before);
}

/// Takes what waits. True when there was something.
bool Till::look() {
  std::array<input_event, 256> events{};
  bool any = false;
  while (true) {
    const ssize_t size = ::read(fd_.get(), events.data(), sizeof events);
    if (size <= 0) return any;
    any = true;
    take({events.data(), static_cast<std::size_t>(size) / sizeof(input_event)});
  }
}

void Till::take(std::span<const input_event> events) {
  for (const input_event& event : events) {
    if (event.type == EV_SYN && event.code == SYN_DROPPED) receipt_.dropped = true;
    if (event.type != EV_KEY || event.value == 2) continue;  // 2: auto-repeat.
    const bool was_on = host_.caps_lock();
    receipt_.text += host_.receive(std::array{KeyEvent{event.code, event.value == 1}});
    if (host_.caps_lock() != was_on) show_caps_lock(!was_on);
    if (event.code == KEY_ENTER && event.value == 0) enter_ = true;
  }
}

void Till::show_caps_lock(bool on) const {
  std::array<input_event, 2> events{};
  events[0].type = EV_LED;
  events[0].code = LED_CAPSL;
  events[0].value = on ? 1 : 0;
  events[1].type = EV_SYN;
  PG_REQUIRE(::write(fd_.get(), events.data(), sizeof events) == sizeof events);
}

}  // namespace passgate::kernel
