// SPDX-License-Identifier: Apache-2.0
// What a host with Caps Lock on gets. The host is libxkbcommon with a light.
#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "hid/keyboard_sink.h"
#include "tests/hid/host.h"
#include "tests/hid/layouts.h"
#include "tests/hid/recording_keyboard.h"

namespace passgate::hid {
namespace {

constexpr KeyEvent kCapsDown{KEY_CAPSLOCK, true};
constexpr KeyEvent kCapsUp{KEY_CAPSLOCK, false};

/// A till with Caps Lock on, and a sink that types on it.
struct Till {
  explicit Till(const NamedLayout& layout) : Till(layout, layout) {}
  Till(const NamedLayout& ours, const NamedLayout& its) : host(its.layout, its.variant) {
    static_cast<void>(host.receive(std::array{kCapsDown, kCapsUp}));
    auto made = std::make_unique<RecordingKeyboard>(record);
    made->light = [this] { return host_sees() && host.caps_lock(); };
    keyboard = made.get();
    sink.emplace(Layout::compile(ours.name).value(), std::move(made), std::nullopt);
  }

  /// Everything pressed so far reaches the host.
  bool host_sees() {
    for (; seen < record->size(); ++seen) received += host.receive((*record)[seen].events);
    return true;
  }

  /// Somebody at the till presses Caps Lock.
  void press_caps_lock() {
    host_sees();
    static_cast<void>(host.receive(std::array{kCapsDown, kCapsUp}));
  }

  Host host;
  RecordingKeyboard::Record record = std::make_shared<std::vector<KeyBeat>>();
  RecordingKeyboard* keyboard = nullptr;
  std::optional<KeyboardSink> sink;
  std::string received;
  std::size_t seen = 0;
};

class CapsLockOn : public testing::TestWithParam<NamedLayout> {};

INSTANTIATE_TEST_SUITE_P(KeyboardSink, CapsLockOn,
                         testing::Values(NamedLayout{"us", "us", ""}, NamedLayout{"gb", "gb", ""},
                                         NamedLayout{"de", "de", ""}, NamedLayout{"fr", "fr", ""},
                                         NamedLayout{"es", "es", ""}, NamedLayout{"it", "it", ""}),
                         [](const auto& layout) { return std::string(layout.param.layout); });

TEST_P(CapsLockOn, GetsEveryCharacterAndStaysOn) {
  Till till(GetParam());
  ASSERT_TRUE(till.host.caps_lock());
  ASSERT_TRUE(till.sink->type(printable_ascii()));
  till.host_sees();
  EXPECT_EQ(till.received, printable_ascii());
  EXPECT_TRUE(till.host.caps_lock());
  EXPECT_TRUE(till.host.all_keys_up());
}

TEST_P(CapsLockOn, WouldChangeTheTextIfItWereNotSwitchedOff) {
  Till till(GetParam());
  till.keyboard->light = nullptr;
  ASSERT_TRUE(till.sink->type(printable_ascii()));
  till.host_sees();
  EXPECT_NE(till.received, printable_ascii());
}

TEST(CapsLock, IsNotTouchedWhereItIsOff) {
  Till till(kLayouts[0]);
  till.press_caps_lock();
  ASSERT_TRUE(till.sink->type("a"));
  EXPECT_EQ(till.record->size(), 1U);
}

TEST(CapsLock, IsRespectedAnewForEachText) {
  Till till(kLayouts[0]);
  ASSERT_TRUE(till.sink->type("aB"));
  till.press_caps_lock();
  ASSERT_TRUE(till.sink->type("cD"));
  till.press_caps_lock();
  ASSERT_TRUE(till.sink->type("eF"));
  till.host_sees();
  EXPECT_EQ(till.received, "aBcDeF");
  EXPECT_TRUE(till.host.caps_lock());
}

TEST(CapsLock, ThatItsKeyDoesNotSwitchOffMeansThatNothingIsTyped) {
  Till till(kLayouts[0]);
  till.keyboard->light = [] { return true; };
  EXPECT_EQ(till.sink->type("a").error().code(), Errc::caps_lock_stuck);
  till.host_sees();
  EXPECT_EQ(till.received, "");
  EXPECT_TRUE(till.host.caps_lock()) << "was pressed once and not again";
  EXPECT_TRUE(till.host.all_keys_up());
}

TEST(CapsLock, OfALayoutWithoutItsKeyMeansThatNothingIsTyped) {
  // Neo's Caps Lock key is a shift of its own.
  const NamedLayout neo{"de(neo)", "de", "neo"};
  Till till(neo, kLayouts[0]);
  EXPECT_EQ(till.sink->type("a").error().code(), Errc::caps_lock_stuck);
  EXPECT_TRUE(till.record->empty());
}

TEST(CapsLock, ComesBackAfterATextThatFailedHalfWay) {
  Till till(kLayouts[0]);
  bool failed = false;
  till.keyboard->before_beat = [&](std::size_t beats) -> Status {
    if (beats != 3 || std::exchange(failed, true)) return {};
    return fail(Errc::input_device_unavailable, ENODEV);
  };
  EXPECT_EQ(till.sink->type("abcd").error(), Error(Errc::input_device_unavailable, ENODEV));
  till.host_sees();
  EXPECT_EQ(till.received, "ab");
  EXPECT_TRUE(till.host.caps_lock());
}

TEST(CapsLock, IsLeftAloneWhenTheFailureWasBeforeItChanged) {
  Till till(kLayouts[0]);
  till.keyboard->before_beat = [](std::size_t) -> Status {
    return fail(Errc::input_device_unavailable, ENODEV);
  };
  EXPECT_FALSE(till.sink->type("abcd"));
  EXPECT_TRUE(till.record->empty());
}

}  // namespace
}  // namespace passgate::hid
