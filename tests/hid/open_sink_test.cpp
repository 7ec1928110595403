// SPDX-License-Identifier: Apache-2.0
#include "hid/open_sink.h"

#include <gtest/gtest.h>

#include "tests/hid/line.h"
#include "tests/hid/line_speed.h"
#include "tests/rig/temp_folder.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

KeyboardSettings settings(std::string device, std::string layout = "us") {
  KeyboardSettings with;
  with.device = std::move(device);
  with.layout = std::move(layout);
  with.uinput_node = "/nonexistent";
  return with;
}

TEST(OpenSink, OpensATextFile) {
  const test::TempFolder folder;
  const auto sink = open_sink(settings("text:" + (folder / "typed").string(), "de"));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->type("ö\n"));
  EXPECT_EQ(test::content_of(folder / "typed"), "ö\n");
}

TEST(OpenSink, OpensNothingWhenNothingShallBeTyped) {
  const auto sink = open_sink(settings("none"));
  ASSERT_TRUE(sink);
  EXPECT_TRUE((*sink)->type("anything \x1B"));
}

TEST(OpenSink, OpensASerialLineAsItIsToldTo) {
  Line line;
  auto with = settings("serial:" + line.path());
  with.baud = 19200;
  with.newline = "\r\n";
  const auto sink = open_sink(with);
  ASSERT_TRUE(sink);
  EXPECT_EQ(line_speed(line.near_end()), 19200U);
  ASSERT_TRUE((*sink)->type("a\n"));
  EXPECT_EQ(line.received(3), "a\r\n");
}

TEST(OpenSink, FailsAtStartWithoutTheNodeOfTheGadgetOrTheLine) {
  EXPECT_EQ(open_sink(settings("hidg:/nonexistent")).error(),
            Error(Errc::input_device_unavailable, ENOENT));
  EXPECT_EQ(open_sink(settings("serial:/nonexistent")).error(),
            Error(Errc::input_device_unavailable, ENOENT));
}

TEST(OpenSink, FailsAtStartWithoutTheUinputDevice) {
  EXPECT_EQ(open_sink(settings("uinput")).error(), Error(Errc::input_device_unavailable, ENOENT));
}

TEST(OpenSink, FailsAtStartWhenTheNodeIsNoUinputDevice) {
  const test::TempFolder folder;
  std::ofstream(folder / "node") << "";
  auto with = settings("uinput");
  with.uinput_node = folder / "node";
  EXPECT_EQ(open_sink(with).error(), Error(Errc::input_device_unavailable, ENOTTY));
}

TEST(OpenSink, RefusesUnknownDevicesAndLayouts) {
  for (const auto* device :
       {"", "Uinput", "text:", "text", "uinput:", "/dev/uinput", "hidg:", "tcp:till:4711"}) {
    EXPECT_EQ(open_sink(settings(device)).error().code(), Errc::bad_value) << device;
  }
  EXPECT_EQ(open_sink(settings("text:/dev/null", "xx")).error().code(), Errc::bad_value);
  EXPECT_EQ(open_sink(settings("uinput", "xx")).error().code(), Errc::bad_value);
}

TEST(OpenSink, RefusesPausesThatAreNone) {
  auto with = settings("text:/dev/null");
  for (const auto delay : {-1us, 1'000'001us}) {
    with.key_delay = delay;
    EXPECT_EQ(open_sink(with).error().code(), Errc::bad_value);
  }
  with.key_delay = 2ms;
  EXPECT_TRUE(open_sink(with));
}

}  // namespace
}  // namespace passgate::hid
