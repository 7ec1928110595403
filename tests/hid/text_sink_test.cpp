// SPDX-License-Identifier: Apache-2.0
#include "hid/text_sink.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>
#include <vector>

#include "tests/rig/temp_folder.h"

namespace passgate::hid {
namespace {

std::unique_ptr<TextSink> open_us(const std::filesystem::path& path) {
  return TextSink::open(path, Layout::compile("us").value()).value();
}

Error error_of_open(const std::filesystem::path& path) {
  return TextSink::open(path, Layout::compile("us").value()).error();
}

TEST(TextSink, AppendsExactlyWhatWouldBeTyped) {
  const test::TempFolder folder;
  const auto sink = open_us(folder / "typed");
  ASSERT_TRUE(sink->type("838b8cf60\n"));
  ASSERT_TRUE(sink->type(""));
  ASSERT_TRUE(sink->type("no newline"));
  EXPECT_EQ(test::content_of(folder / "typed"), "838b8cf60\nno newline");
}

TEST(TextSink, KeepsWhatTheFileHeld) {
  const test::TempFolder folder;
  std::ofstream(folder / "typed") << "before\n";
  ASSERT_TRUE(open_us(folder / "typed")->type("after\n"));
  EXPECT_EQ(test::content_of(folder / "typed"), "before\nafter\n");
}

TEST(TextSink, CreatesTheFileForItsOwnerOnly) {
  const test::TempFolder folder;
  const mode_t before = ::umask(0);
  const auto sink = open_us(folder / "typed");
  ::umask(before);
  struct stat info{};
  ASSERT_EQ(::stat((folder / "typed").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST(TextSink, WritesNothingOfATextTheKeyboardCouldNotType) {
  const test::TempFolder folder;
  const auto sink = open_us(folder / "typed");
  EXPECT_EQ(sink->type("ab\x1B").error(), Error(Errc::untypable, 2));
  EXPECT_EQ(sink->type("caf\xC3\xA9").error(), Error(Errc::untypable, 3));
  EXPECT_EQ(test::content_of(folder / "typed"), "");
}

TEST(TextSink, GoesOnInANewFileAfterTheOldOneWasRotatedAway) {
  const test::TempFolder folder;
  const auto sink = open_us(folder / "typed");
  ASSERT_TRUE(sink->type("old\n"));
  std::filesystem::rename(folder / "typed", folder / "typed.1");
  ASSERT_TRUE(sink->type("new\n"));
  EXPECT_EQ(test::content_of(folder / "typed.1"), "old\n");
  EXPECT_EQ(test::content_of(folder / "typed"), "new\n");
}

TEST(TextSink, ReportsAFullDisk) {
  const auto sink = open_us("/dev/full");
  EXPECT_EQ(sink->type("a\n").error(), Error(Errc::storage_full, ENOSPC));
}

/// Runs in a child: the limit on file sizes stands in for a disk that fills in
/// the middle of a text.
[[noreturn]] void type_beyond_the_limit(const std::filesystem::path& path) {
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT(bugprone-signal-handler): SIG_IGN runs nothing
  const rlimit limit = {10, 10};
  const bool ready = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
  const auto sink = open_us(path);
  const bool first = sink->type("first\n").has_value();
  const auto second = sink->type("second\n");
  const bool full = !second && second.error().code() == Errc::storage_full;
  ::_exit(ready && first && full ? 0 : 1);
}

TEST(TextSink, TakesBackATextThatDidNotFitWhole) {
  const test::TempFolder folder;
  EXPECT_EXIT(type_beyond_the_limit(folder / "typed"), testing::ExitedWithCode(0), "");
  EXPECT_EQ(test::content_of(folder / "typed"), "first\n");
}

TEST(TextSink, FindsAWrongPathAtStart) {
  const test::TempFolder folder;
  EXPECT_EQ(error_of_open(folder / "missing" / "typed"), Error(Errc::storage_unwritable, ENOENT));
  EXPECT_EQ(error_of_open(folder / "."), Error(Errc::storage_unwritable, EISDIR));
}

TEST(TextSink, RefusesAPipeThatCouldBlockATap) {
  const test::TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_of_open(folder / "pipe").code(), Errc::storage_unwritable);
  const std::fstream reader_and_writer(folder / "pipe");  // so that opening would succeed
  EXPECT_EQ(error_of_open(folder / "pipe").code(), Errc::storage_unwritable);
}

TEST(TextSink, NeverMixesTheTextsOfTwoThreads) {
  const test::TempFolder folder;
  const auto sink = open_us(folder / "typed");
  {
    std::vector<std::jthread> threads;
    for (const char* text : {"aaaaaaaaaa\n", "bbbbbbbbbb\n"}) {
      threads.emplace_back([&sink, text] {
        for (int i = 0; i < 100; ++i) EXPECT_TRUE(sink->type(text));
      });
    }
  }
  std::ifstream file(folder / "typed");
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    EXPECT_TRUE(line == "aaaaaaaaaa" || line == "bbbbbbbbbb") << line;
  }
  EXPECT_EQ(lines, 200);
}

}  // namespace
}  // namespace passgate::hid
