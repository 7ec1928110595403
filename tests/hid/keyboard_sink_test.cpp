// SPDX-License-Identifier: Apache-2.0
#include "hid/keyboard_sink.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "tests/hid/host.h"
#include "tests/hid/recording_keyboard.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

struct RecordedSink {
  RecordingKeyboard::Record record = std::make_shared<std::vector<KeyBeat>>();
  KeyboardSink sink;

  explicit RecordedSink(const char* layout, std::optional<std::chrono::microseconds> delay = {})
      : sink(Layout::compile(layout).value(), std::make_unique<RecordingKeyboard>(record), delay) {}
};

TEST(KeyboardSink, TypesTheTextOnTheHost) {
  RecordedSink typed("de");
  ASSERT_TRUE(typed.sink.type("Zürich ^ 100€\n"));
  Host host("de");
  EXPECT_EQ(host.receive(*typed.record), "Zürich ^ 100€\n");
  EXPECT_TRUE(host.all_keys_up());
}

TEST(KeyboardSink, PressesNothingWhenOneCharacterHasNoKey) {
  RecordedSink typed("us");
  EXPECT_EQ(typed.sink.type("838b8cf60é").error(), Error(Errc::untypable, 9));
  EXPECT_TRUE(typed.record->empty());
}

TEST(KeyboardSink, LeavesAPauseAfterEveryKey) {
  RecordedSink derived("us");
  ASSERT_TRUE(derived.sink.type("aB"));
  for (const KeyBeat& beat : *derived.record) EXPECT_GT(beat.pause_after, 1ms);
  RecordedSink chosen("us", 5ms);
  ASSERT_TRUE(chosen.sink.type("aB"));
  for (const KeyBeat& beat : *chosen.record) EXPECT_EQ(beat.pause_after, 5ms);
}

TEST(KeyboardSink, NeverMixesTheTextsOfTwoThreads) {
  RecordedSink typed("us");
  constexpr int kTexts = 50;
  {
    std::vector<std::jthread> threads;
    for (const char* text : {"aaaaaaaaaa\n", "BBBBBBBBBB\n", "1234567890\n", "[]{}[]{}[]\n"}) {
      threads.emplace_back([&typed, text] {
        for (int i = 0; i < kTexts; ++i) EXPECT_TRUE(typed.sink.type(text));
      });
    }
  }
  Host host("us");
  std::istringstream received(host.receive(*typed.record));
  std::map<std::string, int> lines;
  for (std::string line; std::getline(received, line);) ++lines[line];
  EXPECT_EQ(lines, (std::map<std::string, int>{{"aaaaaaaaaa", kTexts},
                                               {"BBBBBBBBBB", kTexts},
                                               {"1234567890", kTexts},
                                               {"[]{}[]{}[]", kTexts}}));
}

}  // namespace
}  // namespace passgate::hid
