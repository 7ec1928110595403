// SPDX-License-Identifier: Apache-2.0
// The exact conversation with the kernel. strace stands in for it, so that the
// real code, libevdev included, runs unmodified and without privileges.
#include "hid/uinput_keyboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/uinput.h>

#include <algorithm>
#include <cstring>

#include "hid/layout.h"
#include "tests/hid/traced_typing.h"

namespace passgate::hid {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using Calls = std::vector<std::string>;

/// The calls that create a keyboard with these keys.
Calls creation(const std::string& description = "UI_DEV_SETUP") {
  std::vector<std::uint16_t> codes = Layout::compile("us").value().codes();
  for (std::uint16_t code = KEY_ESC; code <= KEY_S; ++code) codes.push_back(code);
  std::ranges::sort(codes);
  const auto duplicates = std::ranges::unique(codes);
  codes.erase(duplicates.begin(), duplicates.end());
  Calls calls = {"open", "UI_GET_VERSION", "UI_SET_EVBIT 0", "UI_SET_EVBIT 1"};
  for (const auto code : codes) calls.push_back("UI_SET_KEYBIT " + std::to_string(code));
  calls.insert(calls.end(), {"UI_SET_EVBIT 17", "UI_SET_LEDBIT 1"});
  calls.insert(calls.end(), {description, "UI_DEV_CREATE", "UI_GET_SYSNAME"});
  return calls;
}

/// Everything after the last device was created, up to its end.
Calls after_creation(const Calls& calls) {
  const auto last = std::ranges::find_end(calls, Calls{"UI_GET_SYSNAME"});
  return {last.begin() == calls.end() ? calls.begin() : last.end(), calls.end()};
}

Calls key(int code) {
  const std::string name = "KEY " + std::to_string(code);
  return {name + " down", "SYN", name + " up", "SYN"};
}

Calls operator+(Calls a, const Calls& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Calls kEnd = {"UI_DEV_DESTROY", "close"};

TEST(UinputKeyboard, CreatesOneDeviceWithEveryKeyTheLayoutNeedsAndTypesOnIt) {
  const auto traced = type_under_trace({}, "us", {"a", "b\n"});
  ASSERT_EQ(traced.exit_status, 0) << traced.trouble;
  EXPECT_THAT(traced.printed, ElementsAre("typed", "typed"));
  EXPECT_THAT(traced.calls,
              ElementsAreArray(creation() + key(KEY_A) + key(KEY_B) + key(KEY_ENTER) + kEnd));
}

TEST(UinputKeyboard, HasTheKeysByWhichUdevKnowsAKeyboard) {
  const auto traced = type_under_trace({}, "fr", {});
  ASSERT_EQ(traced.exit_status, 0) << traced.trouble;
  for (int code = KEY_ESC; code <= KEY_S; ++code) {
    EXPECT_THAT(traced.calls, testing::Contains("UI_SET_KEYBIT " + std::to_string(code)));
  }
}

TEST(UinputKeyboard, NeverAsksForAutoRepeat) {
  const auto traced = type_under_trace({}, "us", {"a"});
  ASSERT_EQ(traced.exit_status, 0) << traced.trouble;
  EXPECT_THAT(traced.calls,
              testing::Not(testing::Contains("UI_SET_EVBIT " + std::to_string(EV_REP))));
}

TEST(UinputKeyboard, WritesEveryEventWithItsOwnReport) {
  const auto traced = type_under_trace({}, "us", {"A"});
  ASSERT_EQ(traced.exit_status, 0) << traced.trouble;
  const input_event expected[] = {{{}, EV_KEY, KEY_LEFTSHIFT, 1}, {{}, EV_SYN, SYN_REPORT, 0},
                                  {{}, EV_KEY, KEY_A, 1},         {{}, EV_SYN, SYN_REPORT, 0},
                                  {{}, EV_KEY, KEY_A, 0},         {{}, EV_SYN, SYN_REPORT, 0},
                                  {{}, EV_KEY, KEY_LEFTSHIFT, 0}, {{}, EV_SYN, SYN_REPORT, 0}};
  ASSERT_EQ(traced.node.size(), sizeof expected);
  EXPECT_EQ(std::memcmp(traced.node.data(), expected, sizeof expected), 0);
}

TEST(UinputKeyboard, DescribesItselfToAnOldKernelByAWrite) {
  const auto traced = type_under_trace({.modern = false, .faults = {}}, "us", {"a"});
  ASSERT_EQ(traced.exit_status, 0) << traced.trouble;
  EXPECT_THAT(traced.calls,
              ElementsAreArray(creation("write " + std::to_string(sizeof(uinput_user_dev))) +
                               key(KEY_A) + kEnd));
  uinput_user_dev device{};
  ASSERT_GT(traced.node.size(), sizeof device);
  std::memcpy(&device, traced.node.data(), sizeof device);
  EXPECT_STREQ(device.name, "passgate keyboard");
  EXPECT_EQ(device.id.bustype, BUS_VIRTUAL);
}

TEST(UinputKeyboard, PressesTheThirdLevelOfTheLayout) {
  const auto traced = type_under_trace({}, "de", {"@"});
  ASSERT_EQ(traced.exit_status, 0) << traced.trouble;
  EXPECT_THAT(after_creation(traced.calls),
              ElementsAreArray(Calls{"KEY 100 down", "SYN"} + key(KEY_Q) +
                               Calls{"KEY 100 up", "SYN"} + kEnd));
}

TEST(UinputKeyboard, WritesNothingOfATextThatCannotBeTypedWhole) {
  const auto traced = type_under_trace({}, "us", {"abc\x1B"});
  EXPECT_THAT(traced.printed, ElementsAre("untypable 3"));
  EXPECT_THAT(after_creation(traced.calls), ElementsAreArray(kEnd));
}

TEST(UinputKeyboard, ReleasesWhatIsDownAndDestroysTheDeviceWhenAWriteFails) {
  // Writes: shift down, SYN, A down, then the SYN that fails.
  const auto traced =
      type_under_trace({.modern = true, .faults = {"write:error=ENODEV:when=4"}}, "us", {"A"});
  EXPECT_THAT(traced.printed, ElementsAre("input_device_unavailable 19"));
  EXPECT_THAT(after_creation(traced.calls),
              ElementsAreArray(Calls{"KEY 42 down", "SYN", "KEY 30 down", "SYN ENODEV", "KEY 30 up",
                                     "SYN", "KEY 42 up", "SYN"} +
                               kEnd));
}

TEST(UinputKeyboard, MakesANewDeviceForTheNextTextAfterAFailure) {
  const auto traced =
      type_under_trace({.modern = true, .faults = {"write:error=ENODEV:when=1"}}, "us", {"a", "b"});
  EXPECT_THAT(traced.printed, ElementsAre("input_device_unavailable 19", "typed"));
  const Calls failed = {"KEY 30 down ENODEV", "KEY 30 up", "SYN"};
  EXPECT_THAT(traced.calls,
              ElementsAreArray(creation() + failed + kEnd + creation() + key(KEY_B) + kEnd));
}

TEST(UinputKeyboard, TriesOnceATextWhileTheDeviceStaysGone) {
  const auto traced = type_under_trace(
      {.modern = true, .faults = {"write:error=ENODEV:when=1+", "openat:error=ENXIO:when=2+"}},
      "us", {"a", "b", "c"});
  EXPECT_THAT(traced.printed,
              ElementsAre("input_device_unavailable 19", "input_device_unavailable 6",
                          "input_device_unavailable 6"));
  EXPECT_EQ(std::ranges::count(traced.calls, "open ENXIO"), 2);
  EXPECT_EQ(std::ranges::count(traced.calls, "UI_DEV_CREATE"), 1);
}

TEST(UinputKeyboard, GoesOnAfterASignalInterruptedTheWrite) {
  const auto traced =
      type_under_trace({.modern = true, .faults = {"write:error=EINTR:when=1"}}, "us", {"a"});
  EXPECT_THAT(traced.printed, ElementsAre("typed"));
  EXPECT_THAT(after_creation(traced.calls),
              ElementsAreArray(Calls{"KEY 30 down EINTR"} + key(KEY_A) + kEnd));
}

TEST(UinputKeyboard, GivesUpOnAWriteThatIsInterruptedForEver) {
  const auto traced =
      type_under_trace({.modern = true, .faults = {"write:error=EINTR"}}, "us", {"a"});
  EXPECT_THAT(traced.printed, ElementsAre("input_device_unavailable 4"));
}

TEST(UinputKeyboard, FailsWhenTheKernelRefusesTheDevice) {
  const auto traced =
      type_under_trace({.modern = true, .faults = {"openat:error=EACCES"}}, "us", {"a"});
  EXPECT_THAT(traced.printed, ElementsAre("input_device_unavailable 13"));
  EXPECT_THAT(traced.calls, ElementsAre("open EACCES"));
}

}  // namespace
}  // namespace passgate::hid
