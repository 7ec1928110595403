// SPDX-License-Identifier: Apache-2.0
// The USB gadget keyboard, through the kernel's USB stack and back.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "hid/hid_gadget_keyboard.h"
#include "hid/keyboard_sink.h"
#include "hid/open_sink.h"
#include "tests/hid/layouts.h"
#include "tests/kernel/guest.h"
#include "tests/kernel/keyboard_under_test.h"
#include "tests/kernel/till.h"
#include "tests/kernel/usb_gadget.h"

namespace passgate::kernel {
namespace {

using namespace std::chrono_literals;

class GadgetKeyboard : public testing::Test {
 protected:
  std::unique_ptr<hid::Sink> open(const char* layout) {
    hid::KeyboardSettings settings;
    settings.device = "hidg:" + UsbGadget::node().string();
    settings.layout = layout;
    return hid::open_sink(settings).value();
  }

  UsbGadget gadget_;
};

class GadgetKeyboardOn : public GadgetKeyboard, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Layout, GadgetKeyboardOn, testing::ValuesIn(kLayoutNames),
                         [](const auto& layout) { return std::string(layout.param); });

TEST_P(GadgetKeyboardOn, TypesThroughDummyHcd) {
  const auto keyboard = UsbGadget::keyboard_at_the_till();
  ASSERT_FALSE(keyboard.empty());
  const auto sink = open(GetParam());
  Till till(keyboard, GetParam());
  const std::string text = hid::printable_ascii() + "\n";
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(sink->type(text));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  const Receipt receipt = till.receipt();
  fmt::print("{} over USB in {} ms: {}", GetParam(), took.count(), receipt.text);
  EXPECT_EQ(receipt.text, text);
  EXPECT_TRUE(receipt.all_keys_up);
}

TEST_F(GadgetKeyboard, RespectsTheCapsLockOfTheTill) {
  const auto keyboard = UsbGadget::keyboard_at_the_till();
  ASSERT_FALSE(keyboard.empty());
  auto layout = hid::Layout::compile("de").value();
  auto opened = hid::HidGadgetKeyboard::open({.node = UsbGadget::node()}, layout.codes()).value();
  hid::Keyboard& gadget_keyboard = *opened;  // The sink's; asked while nothing is typed.
  hid::KeyboardSink sink(std::move(layout), std::move(opened), {}, hid::kEventsOfAUsbKey);
  for (int i = 0; i < 2; ++i) {
    Till till(keyboard, "de", {}, true);
    // The till's own light says nothing of whether its report has come over.
    ASSERT_TRUE(becomes_true([&] { return gadget_keyboard.caps_lock().value_or(false); }));
    ASSERT_TRUE(sink.type("Grüße @ 4711\n"));
    const Receipt receipt = till.receipt();
    fmt::print("with Caps Lock on: {}", receipt.text);
    EXPECT_EQ(receipt.text, "Grüße @ 4711\n");
    EXPECT_TRUE(receipt.caps_lock);
  }
}

TEST_F(GadgetKeyboard, LosesNoKeyForATillThatStalls16Milliseconds) {
  const auto keyboard = UsbGadget::keyboard_at_the_till();
  ASSERT_FALSE(keyboard.empty());
  const auto sink = open("us");
  constexpr int kTries = 20;  // A stall may take longer in a guest: see KernelKeyboardPace.
  Receipt receipt;
  for (int i = 0; i < kTries; ++i) {
    Till till(keyboard, "us", 16ms);
    ASSERT_TRUE(sink->type("838b8cf60dac2bfad9 {Shifted} |And| _not_\n"));
    receipt = till.receipt();
    if (!receipt.dropped || receipt.longest_absence <= hid::kConsumerStall) break;
  }
  EXPECT_FALSE(receipt.dropped);
  EXPECT_EQ(receipt.text, "838b8cf60dac2bfad9 {Shifted} |And| _not_\n");
}

TEST_F(GadgetKeyboard, FailsSoonWhileTheTillIsUnpluggedAndGoesOnAfterwards) {
  ASSERT_FALSE(UsbGadget::keyboard_at_the_till().empty());
  const auto sink = open("us");
  ASSERT_TRUE(gadget_.unplug());
  for (int i = 0; i < 2; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Status typed = sink->type("lost\n");
    ASSERT_FALSE(typed);
    EXPECT_EQ(typed.error().code(), Errc::input_device_unavailable);
    fmt::print("unplugged: errno {}\n", typed.error().detail());
    // Ten times what it may wait for, for a slow guest.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  }
  ASSERT_TRUE(gadget_.plug());
  const auto keyboard = UsbGadget::keyboard_at_the_till();
  ASSERT_FALSE(keyboard.empty());
  Till till(keyboard, "us");
  ASSERT_TRUE(sink->type("Back\n"));
  EXPECT_EQ(till.receipt().text, "Back\n");
}

TEST_F(GadgetKeyboard, TypesTheFirstTextAfterItWasUnpluggedBetweenTexts) {
  ASSERT_FALSE(UsbGadget::keyboard_at_the_till().empty());
  const auto sink = open("us");
  ASSERT_TRUE(gadget_.unplug());
  ASSERT_TRUE(gadget_.plug());
  const auto keyboard = UsbGadget::keyboard_at_the_till();
  ASSERT_FALSE(keyboard.empty());
  Till till(keyboard, "us");
  ASSERT_TRUE(sink->type("First\n"));
  EXPECT_EQ(till.receipt().text, "First\n");
}

}  // namespace
}  // namespace passgate::kernel
