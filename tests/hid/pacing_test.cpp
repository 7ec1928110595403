// SPDX-License-Identifier: Apache-2.0
#include "hid/pacing.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "hid/key_plan.h"
#include "tests/hid/layouts.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

std::vector<KeyBeat> paced(const char* layout, std::string_view text,
                           std::optional<std::chrono::microseconds> key_delay = {}) {
  auto beats = plan_keys(text, Layout::compile(layout).value()).value();
  pace(beats, key_delay);
  return beats;
}

std::chrono::microseconds total(std::span<const KeyBeat> beats) {
  std::chrono::microseconds sum{0};
  for (const KeyBeat& beat : beats) sum += beat.pause_after;
  return sum;
}

/// The most kernel events that reach a consumer during any stall of this length,
/// beats counted whole when the stall touches them.
std::size_t most_unread(std::span<const KeyBeat> beats, std::chrono::microseconds stall) {
  std::size_t most = 0;
  for (std::size_t first = 0; first < beats.size(); ++first) {
    std::size_t events = 0;
    std::chrono::microseconds since{0};
    for (std::size_t i = first; i < beats.size() && since <= stall; ++i) {
      events += beats[i].events.size() * kEventsOfAKey;
      since += beats[i].pause_after;
    }
    most = std::max(most, events);
  }
  return most;
}

TEST(Pacing, PlansNineteenUnshiftedKeysInLessThan35Milliseconds) {
  const auto beats = paced("us", "838b8cf60dac2bfad9\n");
  EXPECT_EQ(beats.size(), 19U);
  EXPECT_LT(total(beats), 35ms);
}

TEST(Pacing, CostsFourKernelEventsAKeyAndEightWithShift) {
  EXPECT_EQ(most_unread(paced("us", "a"), 0us), 4U);
  EXPECT_EQ(most_unread(paced("us", "A"), 0us), 8U);
}

TEST(Pacing, WaitsLongerAfterAKeyThatTookMoreEvents) {
  EXPECT_GT(paced("us", "A")[0].pause_after, paced("us", "a")[0].pause_after);
  EXPECT_GT(paced("de", "@")[0].pause_after, paced("de", "a")[0].pause_after);
}

TEST(Pacing, NeverFillsTheRingOfAConsumerThatStallsOneFrame) {
  for (const NamedLayout& layout : kLayouts) {
    const Layout compiled = Layout::compile(layout.name).value();
    const std::string alphabet = printable_ascii() + "\n\t";
    EXPECT_TRUE(rc::check([&] {
      // Two texts back to back: a tap may follow another at once.
      auto beats =
          plan_keys(*rc::gen::container<std::string>(rc::gen::elementOf(alphabet)), compiled)
              .value();
      auto more =
          plan_keys(*rc::gen::container<std::string>(rc::gen::elementOf(alphabet)), compiled)
              .value();
      beats.insert(beats.end(), more.begin(), more.end());
      pace(beats, std::nullopt);
      RC_ASSERT(most_unread(beats, kConsumerStall) < kEvdevRing);
    })) << layout.name;
  }
}

TEST(Pacing, NeverFillsTheRingWithTheWorstTextsOfALayout) {
  // Every key alternating between plain and AltGr, or two modifiers and none.
  for (const char* text : {"aAaAaAaAaAaAaAaAaAaAaAaA", "@a@a@a@a@a@a@a@a@a@a@a@a",
                           "@A@A@A@A@A@A@A@A@A@A@A@A", "^`^`^`^`^`^`^`^`^`^`^`^`"}) {
    EXPECT_LT(most_unread(paced("de", text), kConsumerStall), kEvdevRing) << text;
  }
}

TEST(Pacing, WouldFillTheRingWithoutPauses) {
  EXPECT_GE(most_unread(paced("us", "838b8cf60dac2bfad9\n", 0us), kConsumerStall), kEvdevRing);
  EXPECT_GE(most_unread(paced("us", "838b8cf60dac2bfad9\n", 1ms), kConsumerStall), kEvdevRing);
}

TEST(Pacing, TakesTheOperatorsPauseForEveryKeyAlike) {
  for (const KeyBeat& beat : paced("us", "aB\n", 2ms)) EXPECT_EQ(beat.pause_after, 2ms);
}

}  // namespace
}  // namespace passgate::hid
