// SPDX-License-Identifier: Apache-2.0
#include "hid/keyboard_sink.h"

#include <gtest/gtest.h>

#include <map>
#include <semaphore>
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

/// A sink whose keyboard waits before its third beat until it is let go.
struct HeldTyping {
  RecordingKeyboard::Record record = std::make_shared<std::vector<KeyBeat>>();
  std::binary_semaphore typing{0};
  std::binary_semaphore go_on{0};
  std::optional<KeyboardSink> sink;

  HeldTyping() {
    auto keyboard = std::make_unique<RecordingKeyboard>(record);
    keyboard->before_beat = [this](std::size_t beats) -> Status {
      if (beats == 2) {
        typing.release();
        go_on.acquire();
      }
      return {};
    };
    sink.emplace(Layout::compile("us").value(), std::move(keyboard), std::nullopt);
  }
};

TEST(KeyboardSinkAtStop, LetsTheTextUnderWayEnd) {
  HeldTyping held;
  Status typed = fail(Errc::bad_value);
  std::jthread reader([&] { typed = held.sink->type("838b8cf6\n"); });
  held.typing.acquire();
  std::jthread main([&] { held.sink->stop(1h); });
  held.go_on.release();
  main.join();
  reader.join();
  EXPECT_TRUE(typed);
  Host host("us");
  EXPECT_EQ(host.receive(*held.record), "838b8cf6\n");
}

TEST(KeyboardSinkAtStop, CutsATextThatTakesTooLongBetweenTwoKeys) {
  HeldTyping held;
  Status typed;
  std::jthread reader([&] { typed = held.sink->type("abcdefgh"); });
  held.typing.acquire();
  std::jthread main([&] { held.sink->stop(0ms); });
  // The cut is asked for as soon as stop() finds the keyboard in use.
  while (!held.sink->stopping()) std::this_thread::yield();
  held.go_on.release();
  main.join();
  reader.join();
  EXPECT_EQ(typed, Status(fail(Errc::stopped)));
  Host host("us");
  EXPECT_EQ(host.receive(*held.record), "abc");
  EXPECT_TRUE(host.all_keys_up());
}

TEST(KeyboardSinkAtStop, BeginsNoFurtherText) {
  RecordedSink typed("us");
  typed.sink.stop(0ms);
  EXPECT_EQ(typed.sink.type("a"), Status(fail(Errc::stopped)));
  typed.sink.stop(0ms);
  EXPECT_TRUE(typed.record->empty());
}

}  // namespace
}  // namespace passgate::hid
