// SPDX-License-Identifier: Apache-2.0
#include "core/keyboard_device.h"

#include <gtest/gtest.h>

namespace passgate {
namespace {

TEST(KeyboardDeviceText, NamesAKindAndWhatItIsAimedAt) {
  EXPECT_EQ(keyboard_device("uinput"), (KeyboardDevice{KeyboardKind::uinput, ""}));
  EXPECT_EQ(keyboard_device("none"), (KeyboardDevice{KeyboardKind::none, ""}));
  EXPECT_EQ(keyboard_device("hidg:/dev/hidg0"), (KeyboardDevice{KeyboardKind::hidg, "/dev/hidg0"}));
  EXPECT_EQ(keyboard_device("serial:/dev/ttyS0"),
            (KeyboardDevice{KeyboardKind::serial, "/dev/ttyS0"}));
  EXPECT_EQ(keyboard_device("tcp:[::1]:4711"), (KeyboardDevice{KeyboardKind::tcp, "[::1]:4711"}));
  EXPECT_EQ(keyboard_device("text:a:b"), (KeyboardDevice{KeyboardKind::text, "a:b"}));
}

TEST(KeyboardDeviceText, IsNothingElse) {
  for (const auto* text : {"", "Uinput", "uinput:", "none:x", "text", "text:", "hidg:", "serial:",
                           "tcp:", "usb:/dev/hidg0", "/dev/uinput", " uinput"}) {
    EXPECT_FALSE(keyboard_device(text)) << text;
  }
}

}  // namespace
}  // namespace passgate
