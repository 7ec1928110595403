// SPDX-License-Identifier: Apache-2.0
// The uinput keyboard on a virtual terminal of a real kernel, with the kernel's own
// keymaps.
#include "tests/kernel/console.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include "tests/hid/layouts.h"
#include "tests/kernel/keyboard_under_test.h"

namespace passgate::kernel {
namespace {

using namespace std::chrono_literals;

struct Keymaps {
  const char* layout;  ///< Of XKB, for us.
  const char* keymap;  ///< Of console-data, for the console.
  /// What that keymap has on other keys than XKB's layout of the same country.
  const char* elsewhere = "";
};

class VirtualTerminal : public testing::TestWithParam<Keymaps> {};

INSTANTIATE_TEST_SUITE_P(Layout, VirtualTerminal,
                         testing::Values(Keymaps{"us", "us"}, Keymaps{"gb", "uk"},
                                         Keymaps{"de", "de-latin1"}, Keymaps{"fr", "fr"},
                                         Keymaps{"es", "es"}, Keymaps{"it", "it", "{}~"}),
                         [](const auto& keymaps) { return std::string(keymaps.param.layout); });

TEST_P(VirtualTerminal, GetsEveryPrintableAsciiCharacterThatItsKeymapHas) {
  Console console;
  ASSERT_TRUE(console.load_keymap(GetParam().keymap));
  std::string text;
  std::string lacking;
  const std::string elsewhere = GetParam().elsewhere;
  for (const char c : hid::printable_ascii()) {
    if (elsewhere.contains(c)) continue;
    (console.has(c) ? text : lacking).push_back(c);
  }
  fmt::print("keymap {} lacks: {}; has elsewhere: {}\n", GetParam().keymap,
             lacking.empty() ? "nothing" : lacking, elsewhere.empty() ? "nothing" : elsewhere);
  EXPECT_GE(text.size(), 85U);

  KeyboardUnderTest keyboard(GetParam().layout);
  ASSERT_FALSE(keyboard.node.empty());
  ASSERT_TRUE(keyboard.sink->type(text + "\n"));
  const std::string line = console.read_line();
  fmt::print("{} read back: {}", GetParam().layout, line);
  EXPECT_EQ(line, text + "\n");
}

/// Another keyboard at the same machine.
void press_caps_lock_elsewhere() {
  const std::array<std::uint16_t, 1> codes = {KEY_CAPSLOCK};
  auto other = hid::UinputKeyboard::create({.settle = 0ms}, {codes.begin(), codes.end()}).value();
  const hid::KeyBeat tap{.events = {{KEY_CAPSLOCK, true}, {KEY_CAPSLOCK, false}}};
  ASSERT_TRUE(other->press({&tap, 1}, {}));
}

TEST(VirtualTerminalCapsLock, IsRespectedAndStaysOn) {
  Console console;
  ASSERT_TRUE(console.load_keymap("us"));
  load_modules("uinput evdev");
  ASSERT_FALSE(console.caps_lock());
  press_caps_lock_elsewhere();
  ASSERT_TRUE(becomes_true([&] { return console.caps_lock(); }));
  {
    // Made after Caps Lock went on: it has to learn what is.
    KeyboardUnderTest keyboard("us");
    ASSERT_TRUE(becomes_true([&] { return lights_caps_lock(keyboard.node); }));
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(keyboard.sink->type("Hello World 4711\n"));
      const std::string line = console.read_line();
      fmt::print("with Caps Lock on: {}", line);
      EXPECT_EQ(line, "Hello World 4711\n");
      EXPECT_TRUE(console.caps_lock());
    }
  }
  press_caps_lock_elsewhere();
  EXPECT_TRUE(becomes_true([&] { return !console.caps_lock(); }));
}

}  // namespace
}  // namespace passgate::kernel
