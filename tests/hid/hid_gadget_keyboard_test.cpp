// SPDX-License-Identifier: Apache-2.0
// The reports of the gadget keyboard, to the byte. A pseudo-terminal plays its node:
// it takes bytes, holds back when nobody reads, and has answers. The real node is
// tested in tests/kernel.
#include "hid/hid_gadget_keyboard.h"

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "hid/key_plan.h"
#include "hid/layout.h"
#include "hid/usage.h"
#include "tests/hid/gadget_descriptor.h"
#include "tests/hid/host.h"
#include "tests/hid/layouts.h"
#include "tests/hid/line.h"
#include "tests/rig/temp_folder.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<HidGadgetKeyboard> keyboard_on(const Line& line) {
  const auto codes = Layout::compile("de").value().codes();
  return HidGadgetKeyboard::open({.node = line.path(), .report_patience = 50ms}, codes).value();
}

std::vector<KeyBeat> beats_of(const char* layout, std::string_view text) {
  return plan_keys(text, Layout::compile(layout).value()).value();
}

/// The next reports, in hexadecimal.
std::vector<std::string> reports(Line& line, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count * 8) {
    const std::string more = line.received(1);
    if (more.empty()) break;
    bytes += more;
  }
  std::vector<std::string> all;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::string hex;
    for (const char c : bytes.substr(at, 8)) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      hex += kDigits[static_cast<unsigned char>(c) >> 4];
      hex += kDigits[static_cast<unsigned char>(c) & 15];
    }
    all.push_back(hex);
  }
  return all;
}

const std::string kAllUp = "0000000000000000";

TEST(HidGadgetKeyboard, WritesAReportForEachKeyThatGoesDownOrUp) {
  Line line;
  const auto keyboard = keyboard_on(line);
  ASSERT_TRUE(keyboard->press(beats_of("de", "aB@"), {}));
  EXPECT_EQ(reports(line, 11),
            (std::vector<std::string>{kAllUp,                                  // is anybody there?
                                      "0000040000000000", kAllUp,              // a
                                      "0200000000000000", "0200050000000000",  // Shift, b
                                      "0200000000000000", kAllUp,              // up, up
                                      "4000000000000000", "4000140000000000",  // AltGr, q
                                      "4000000000000000", kAllUp}));
}

/// The KEY_* codes that a report has down; what has no code is 0.
std::set<std::uint16_t> keys_down(const std::string& report) {
  std::set<std::uint16_t> down;
  for (std::uint16_t code = KEY_ESC; code < KEY_MAX; ++code) {
    if ((modifier_bit(code) & std::stoul(report.substr(0, 2), nullptr, 16)) != 0) down.insert(code);
  }
  for (std::size_t at = 4; at < report.size(); at += 2) {
    const auto usage = std::stoul(report.substr(at, 2), nullptr, 16);
    if (usage == 0) continue;
    std::uint16_t code = KEY_MAX;
    while (code > 0 && keyboard_usage(code) != usage) --code;
    down.insert(code);
  }
  return down;
}

/// What a till of this layout makes of the reports.
std::string read_back(const NamedLayout& layout, const std::vector<std::string>& reports) {
  Host host(layout.layout, layout.variant);
  std::string text;
  std::set<std::uint16_t> before;
  for (const std::string& report : reports) {
    const auto now = keys_down(report);
    std::vector<KeyEvent> events;
    for (const auto code : before) {
      if (!now.contains(code)) events.push_back({code, false});
    }
    for (const auto code : now) {
      if (!before.contains(code)) events.push_back({code, true});
    }
    text += host.receive(events);
    before = now;
  }
  EXPECT_TRUE(host.all_keys_up()) << layout.name;
  return text;
}

TEST(HidGadgetKeyboard, ReportsGiveTheTextOnEveryLayout) {
  for (const NamedLayout& layout : kLayouts) {
    const auto beats = beats_of(layout.name, printable_ascii());
    std::size_t count = 1;  // All up, first.
    for (const KeyBeat& beat : beats) count += beat.events.size();
    Line line;
    const auto keyboard = HidGadgetKeyboard::open({.node = line.path(), .report_patience = 5s},
                                                  Layout::compile(layout.name).value().codes());
    std::vector<std::string> seen;
    std::jthread till([&] { seen = reports(line, count); });
    EXPECT_TRUE(keyboard.value()->press(beats, {})) << layout.name;
    till.join();
    EXPECT_EQ(read_back(layout, seen), printable_ascii()) << layout.name;
  }
}

TEST(HidGadgetKeyboard, HasAUsageForEveryKeyOfEveryLayout) {
  for (const NamedLayout& layout : kLayouts) {
    for (const std::uint16_t code : Layout::compile(layout.name).value().codes()) {
      EXPECT_TRUE(modifier_bit(code) != 0 || keyboard_usage(code)) << layout.name << " " << code;
    }
  }
}

TEST(HidGadgetKeyboard, RefusesAKeyThatHasNoUsage) {
  Line line;
  const std::uint16_t power = KEY_POWER;
  EXPECT_EQ(HidGadgetKeyboard::open({.node = line.path()}, {&power, 1}).error(),
            Error(Errc::bad_value, KEY_POWER));
}

TEST(HidGadgetKeyboard, ReadsTheCapsLockLightOfTheTill) {
  Line line;
  const auto keyboard = keyboard_on(line);
  EXPECT_FALSE(keyboard->caps_lock().value());
  line.send("\x02");
  EXPECT_TRUE(keyboard->caps_lock().value());
  EXPECT_TRUE(keyboard->caps_lock().value()) << "no news is no change";
  line.send("\x02\x05");  // Num Lock and Scroll Lock are nothing to us.
  EXPECT_FALSE(keyboard->caps_lock().value());
}

TEST(HidGadgetKeyboard, FailsInBoundedTimeWhenTheTillFetchesNothing) {
  Line line;
  const auto keyboard = keyboard_on(line);
  Status pressed;
  for (int i = 0; i < 64 && pressed; ++i) pressed = keyboard->press(beats_of("us", "aaaaaaaa"), {});
  for (int i = 0; i < 1000 && pressed; ++i) {
    pressed = keyboard->press(beats_of("us", std::string(100, 'a')), {});
  }
  EXPECT_EQ(pressed, Status(fail(Errc::input_device_unavailable, ETIMEDOUT)));
}

TEST(HidGadgetKeyboard, OpensTheNodeAgainForTheNextText) {
  const test::TempFolder folder;
  const auto node = folder / "hidg0";
  std::optional<Line> line(std::in_place);
  std::filesystem::create_symlink(line->path(), node);
  const auto codes = Layout::compile("us").value().codes();
  const auto keyboard = HidGadgetKeyboard::open({.node = node}, codes).value();
  line->cut();
  std::filesystem::remove(node);
  EXPECT_EQ(keyboard->press(beats_of("us", "a"), {}),
            Status(fail(Errc::input_device_unavailable, ENOENT)));
  EXPECT_EQ(keyboard->caps_lock().error(), Error(Errc::input_device_unavailable, ENOENT));
  line.emplace();
  std::filesystem::create_symlink(line->path(), node);
  EXPECT_TRUE(keyboard->press(beats_of("us", "a"), {}));
  EXPECT_EQ(reports(*line, 3), (std::vector<std::string>{kAllUp, "0000040000000000", kAllUp}));
}

TEST(HidGadgetKeyboard, ReleasesWhatIsHeldWhenItIsCut) {
  Line line;
  const auto keyboard = keyboard_on(line);
  std::stop_source cut;
  // Shift is held from the first letter to the second; the cut comes between them.
  auto beats = beats_of("us", "AB");
  beats[0].pause_after = 1s;
  std::jthread till([&] {
    static_cast<void>(reports(line, 4));
    cut.request_stop();
  });
  EXPECT_EQ(keyboard->press(beats, cut.get_token()), Status(fail(Errc::stopped)));
  till.join();
  EXPECT_EQ(reports(line, 1), std::vector<std::string>{kAllUp});
}

TEST(UsbGadgetDocument, HasTheDescriptorThatIsTestedInAKernel) {
  std::ifstream document(PASSGATE_SOURCE_DIR "/docs/usb-gadget.md");
  std::stringstream text;
  text << document.rdbuf();
  std::string escapes;
  for (std::string line; std::getline(text, line);) {
    constexpr std::string_view kItem = "  printf '";
    if (!line.starts_with(kItem)) continue;
    escapes += line.substr(kItem.size(), line.find('\'', kItem.size()) - kItem.size());
  }
  std::string expected;
  for (const unsigned byte : kGadgetDescriptor) {
    std::array<char, 8> octal{};
    std::snprintf(octal.data(), octal.size(), "\\%03o", byte);
    expected += octal.data();
  }
  EXPECT_EQ(escapes, expected);
}

}  // namespace
}  // namespace passgate::hid
