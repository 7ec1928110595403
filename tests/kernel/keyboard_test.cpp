// SPDX-License-Identifier: Apache-2.0
// The uinput keyboard in a real kernel, read from its event node.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/hid/layouts.h"
#include "tests/kernel/keyboard_under_test.h"
#include "tests/kernel/till.h"

namespace passgate::kernel {
namespace {

using namespace std::chrono_literals;

class KernelKeyboard : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Layout, KernelKeyboard, testing::ValuesIn(kLayoutNames),
                         [](const auto& layout) { return std::string(layout.param); });

TEST_P(KernelKeyboard, TypesEveryPrintableAsciiCharacter) {
  KeyboardUnderTest keyboard(GetParam());
  ASSERT_FALSE(keyboard.node.empty());
  Till till(keyboard.node, GetParam());
  const std::string text = hid::printable_ascii() + "\n";
  ASSERT_TRUE(keyboard.sink->type(text));
  const Receipt receipt = till.receipt();
  fmt::print("{} read back: {}", GetParam(), receipt.text);
  EXPECT_EQ(receipt.text, text);
  EXPECT_TRUE(receipt.all_keys_up);
}

TEST_P(KernelKeyboard, TypesThemWithCapsLockOnAndLeavesItOn) {
  KeyboardUnderTest keyboard(GetParam());
  ASSERT_FALSE(keyboard.node.empty());
  // Twice: what the light said after the first text must not mislead the second.
  for (int i = 0; i < 2; ++i) {
    Till till(keyboard.node, GetParam(), {}, true);
    const std::string text = hid::printable_ascii() + "\n";
    ASSERT_TRUE(keyboard.sink->type(text));
    const Receipt receipt = till.receipt();
    EXPECT_EQ(receipt.text, text);
    EXPECT_TRUE(receipt.caps_lock);
    EXPECT_TRUE(receipt.all_keys_up);
  }
}

std::string random_text(std::size_t length) {
  std::mt19937 generator(4711);  // NOLINT(cert-msc51-cpp): the same text every time
  const std::string all = hid::printable_ascii();
  std::uniform_int_distribution<std::size_t> any(0, all.size() - 1);
  std::string text;
  while (text.size() < length) text.push_back(all[any(generator)]);
  return text + "\n";
}

struct Paced {
  const char* what;
  std::string text;
  std::optional<std::chrono::microseconds> key_delay;
};

/// What a till got that stood still for 16 ms again and again. The guest's processor
/// is not ours alone, so a stall may take longer: keys dropped in one that the pace
/// does not allow for prove nothing.
std::optional<Receipt> received_by_a_till_that_stalls(const Paced& paced) {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    KeyboardUnderTest keyboard("us", paced.key_delay);
    Till till(keyboard.node, "us", 16ms);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(keyboard.sink->type(paced.text));
    const auto took = std::chrono::steady_clock::now() - begin;
    const Receipt receipt = till.receipt();
    fmt::print("{}: {} keys in {} ms, longest absence {} us{}\n", paced.what, paced.text.size(),
               std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
               receipt.longest_absence.count(), receipt.dropped ? ", keys dropped" : "");
    if (!receipt.dropped || receipt.longest_absence <= hid::kConsumerStall) return receipt;
  }
  return std::nullopt;
}

TEST(KernelKeyboardPace, LosesNoKeyForAConsumerThatStalls16Milliseconds) {
  for (const Paced& paced : {Paced{"unshifted", "838b8cf60dac2bfad9\n", {}},
                             Paced{"shifted and not", random_text(200), {}}}) {
    const auto receipt = received_by_a_till_that_stalls(paced);
    ASSERT_TRUE(receipt) << "the guest never kept time";
    EXPECT_FALSE(receipt->dropped) << paced.what;
    EXPECT_EQ(receipt->text, paced.text);
  }
}

TEST(KernelKeyboardPace, IsNeededAsWithoutItTheKernelDropsKeys) {
  const auto receipt = received_by_a_till_that_stalls({"without a pause", random_text(200), 0us});
  ASSERT_TRUE(receipt) << "the guest never kept time";
  EXPECT_TRUE(receipt->dropped);
}

}  // namespace
}  // namespace passgate::kernel
