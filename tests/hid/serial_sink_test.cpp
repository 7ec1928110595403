// SPDX-License-Identifier: Apache-2.0
// The serial line, played by a pseudo-terminal.
#include "hid/serial_sink.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <filesystem>

#include "tests/hid/line.h"
#include "tests/hid/line_speed.h"
#include "tests/rig/temp_folder.h"

namespace passgate::hid {
namespace {

Result<std::unique_ptr<SerialSink>> open(const std::filesystem::path& path,
                                         std::string newline = "\r", const char* layout = "us") {
  return SerialSink::open({.path = path, .newline = std::move(newline)},
                          Layout::compile(layout).value());
}

std::string sent(const std::string& text, const char* newline, const char* layout = "us") {
  Line line;
  const auto sink = open(line.path(), newline, layout);
  EXPECT_TRUE(sink);
  EXPECT_TRUE((*sink)->type(text));
  EXPECT_TRUE((*sink)->type("#"));  // A mark, to know where the text ends.
  std::string bytes;
  while (!bytes.ends_with('#')) {
    const std::string more = line.received(1);
    if (more.empty()) break;
    bytes += more;
  }
  return bytes;
}

TEST(SerialSink, SendsTheTextWithTheNewlineOfTheTill) {
  EXPECT_EQ(sent("838b8cf6\n", "\r"), "838b8cf6\r#");
  EXPECT_EQ(sent("a\nb\r\nc\rd\n\re", "\n"), "a\nb\nc\nd\n\ne#");
  EXPECT_EQ(sent("a\r\n\tb\n", "\r\n"), "a\r\n\tb\r\n#");
}

TEST(SerialSink, SendsUtf8WhereTheLayoutHasTheCharacters) {
  EXPECT_EQ(sent("Zürich\n", "\r", "de"), "Zürich\r#");
}

TEST(SerialSink, SendsNothingOfATextThatAKeyboardCouldNotType) {
  Line line;
  const auto sink = open(line.path());
  ASSERT_TRUE(sink);
  EXPECT_EQ((*sink)->type("caf\xC3\xA9"), Status(fail(Errc::untypable, 3)));
  EXPECT_EQ((*sink)->type("a\x1B"), Status(fail(Errc::untypable, 1)));
  ASSERT_TRUE((*sink)->type("#"));
  EXPECT_EQ(line.received(1), "#");
}

TEST(SerialSink, SetsTheLineToBytesAsTheyAreAtItsSpeed) {
  Line line;
  const auto sink = SerialSink::open({.path = line.path(), .baud = 115200, .newline = "\n"},
                                     Layout::compile("us").value());
  ASSERT_TRUE(sink);
  ::termios settings{};
  ASSERT_EQ(::tcgetattr(line.near_end(), &settings), 0);
  EXPECT_EQ(settings.c_oflag & OPOST, 0U);
  EXPECT_EQ(settings.c_lflag & (ECHO | ICANON | ISIG), 0U);
  EXPECT_EQ(settings.c_iflag & (IXON | IXOFF | ICRNL), 0U);
  EXPECT_EQ(settings.c_cflag & (CSIZE | PARENB | CSTOPB | CRTSCTS), unsigned{CS8});
  EXPECT_NE(settings.c_cflag & CLOCAL, 0U);
  EXPECT_EQ(line_speed(line.near_end()), 115200U);
}

TEST(SerialSink, HasTheLineForItself) {
  Line line;
  const auto sink = open(line.path());
  ASSERT_TRUE(sink);
  int exclusive = 0;
  ASSERT_EQ(::ioctl(line.near_end(), TIOCGEXCL, &exclusive), 0);
  EXPECT_NE(exclusive, 0);
}

TEST(SerialSink, GivesUpInBoundedTimeAndSendsNoRestLater) {
  Line line;
  const auto sink =
      SerialSink::open({.path = line.path(), .baud = 4'000'000}, Layout::compile("us").value());
  ASSERT_TRUE(sink);
  Status typed;
  // Nobody reads, so sooner or later one does not fit.
  for (int i = 0; i < 64 && typed; ++i) typed = (*sink)->type(std::string(4000, 'a'));
  EXPECT_EQ(typed, Status(fail(Errc::input_device_unavailable, ETIMEDOUT)));
  while (!line.received(1, 100).empty()) continue;
  ASSERT_TRUE((*sink)->type("b")) << "the line is opened again";
  EXPECT_EQ(line.received(1), "b");
}

TEST(SerialSink, FailsWhileTheLineIsGoneAndGoesOnWhenItIsBack) {
  const test::TempFolder folder;
  const auto path = folder / "line";
  std::optional<Line> line(std::in_place);
  std::filesystem::create_symlink(line->path(), path);
  const auto sink = open(path);
  ASSERT_TRUE(sink);
  line->cut();
  for (int i = 0; i < 2; ++i) {
    const Status typed = (*sink)->type("lost");
    ASSERT_FALSE(typed);
    EXPECT_EQ(typed.error().code(), Errc::input_device_unavailable);
  }
  line.emplace();
  std::filesystem::remove(path);
  std::filesystem::create_symlink(line->path(), path);
  ASSERT_TRUE((*sink)->type("back"));
  EXPECT_EQ(line->received(4), "back");
}

TEST(SerialSink, SendsTheFirstTextAfterItWasUnpluggedBetweenTexts) {
  const test::TempFolder folder;
  const auto path = folder / "line";
  Line before;
  std::filesystem::create_symlink(before.path(), path);
  const auto sink = open(path);
  ASSERT_TRUE(sink);
  before.cut();
  Line after;
  std::filesystem::remove(path);
  std::filesystem::create_symlink(after.path(), path);
  ASSERT_TRUE((*sink)->type("first"));
  EXPECT_EQ(after.received(5), "first");
}

TEST(SerialSink, FailsAtStartWithoutALine) {
  EXPECT_EQ(open("/nonexistent").error(), Error(Errc::input_device_unavailable, ENOENT));
  EXPECT_EQ(open("/dev/null").error(), Error(Errc::input_device_unavailable, ENOTTY));
}

TEST(SerialSink, BeginsNoTextAfterStop) {
  Line line;
  const auto sink = open(line.path());
  ASSERT_TRUE(sink);
  (*sink)->stop(std::chrono::milliseconds(0));
  EXPECT_EQ((*sink)->type("a"), Status(fail(Errc::stopped)));
}

}  // namespace
}  // namespace passgate::hid
