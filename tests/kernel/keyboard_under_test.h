// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "hid/keyboard_sink.h"
#include "hid/uinput_keyboard.h"
#include "tests/kernel/guest.h"

namespace passgate::kernel {

inline constexpr auto kLayoutNames =
    std::to_array<const char*>({"us", "gb", "de", "fr", "es", "it"});

/// A sink on a new uinput keyboard, and that keyboard's event node.
struct KeyboardUnderTest {
  explicit KeyboardUnderTest(const char* layout_name,
                             std::optional<std::chrono::microseconds> key_delay = {}) {
    stay_on_one_processor();
    load_modules("uinput evdev");
    auto layout = hid::Layout::compile(layout_name).value();
    auto keyboard =
        hid::UinputKeyboard::create({.settle = std::chrono::milliseconds(0)}, layout.codes())
            .value();
    sink.emplace(std::move(layout), std::move(keyboard), key_delay);
    node = await_event_node("passgate keyboard");
  }

  std::optional<hid::KeyboardSink> sink;
  std::filesystem::path node;  ///< Empty: it never came.
};

}  // namespace passgate::kernel
