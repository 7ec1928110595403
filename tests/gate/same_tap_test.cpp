// SPDX-License-Identifier: Apache-2.0
#include "gate/same_tap.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "tests/rig/property.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;

const LastTap kLast{.pass_template = "season", .pass_id = "p", .at = MonoTime(10s)};

TEST(SameTap, IsTheSamePassWithinTheReArmTime) {
  EXPECT_TRUE(is_same_tap(kLast, "season", "p", MonoTime(12s), 3s));
  EXPECT_TRUE(is_same_tap(kLast, "season", "p", MonoTime(13s) - 1ns, 3s));
  EXPECT_FALSE(is_same_tap(kLast, "season", "p", MonoTime(13s), 3s));
}

TEST(SameTap, IsNoOtherPass) {
  EXPECT_FALSE(is_same_tap(kLast, "season", "q", MonoTime(11s), 3s));
  EXPECT_FALSE(is_same_tap(kLast, "day", "p", MonoTime(11s), 3s));
}

TEST(SameTap, IsNoPassThatCouldNotBeOpened) {
  EXPECT_FALSE(is_same_tap({.pass_template = "season", .pass_id = "", .at = MonoTime(10s)},
                           "season", "", MonoTime(11s), 3s));
}

// A reader as the flow drives it: an event for each tap that is not the one before.
TEST(SameTapProperty, ADoubleTapIsOneEventAndNoGuestIsSwallowed) {
  check_property("events of a pass are at least the re-arm time apart", [] {
    std::optional<LastTap> last;
    MonoTime now{1h};
    MonoTime shown{};
    for (int i = 0; i < 12; ++i) {
      const auto pause = Milliseconds(*rc::gen::inRange(1, 5000));
      const std::string pass = *rc::gen::element<std::string>("p", "q");
      now += pause;
      const bool same = last && is_same_tap(*last, "season", pass, now, 3s);
      const bool again = last && last->pass_id == pass && now - shown < 3s;
      RC_ASSERT(same == again);
      last = {.pass_template = "season", .pass_id = pass, .at = now};
      shown = now;
    }
  });
}

}  // namespace
}  // namespace passgate::gate
