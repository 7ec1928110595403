// SPDX-License-Identifier: Apache-2.0
#include "tests/hid/traced_typing.h"

#include <fcntl.h>
#include <linux/input.h>
#include <re2/re2.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <sstream>

#include "core/bytes.h"
#include "tests/rig/temp_folder.h"

namespace passgate::hid {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// "\x01\x02" as strace prints it → the bytes.
Bytes unescape(const std::string& text) {
  std::string digits;
  for (std::size_t i = 0; i + 3 < text.size(); i += 4) digits += text.substr(i + 2, 2);
  return from_hex(digits).value();
}

std::string describe_write(const std::string& escaped) {
  const Bytes bytes = unescape(escaped);
  if (bytes.size() != sizeof(input_event)) return "write " + std::to_string(bytes.size());
  input_event event{};
  std::memcpy(&event, bytes.data(), sizeof event);
  if (event.type == EV_SYN && event.code == SYN_REPORT && event.value == 0) return "SYN";
  if (event.type != EV_KEY) return "type " + std::to_string(event.type);
  const std::string value = event.value == 1   ? "down"
                            : event.value == 0 ? "up"
                                               : std::to_string(event.value);
  return "KEY " + std::to_string(event.code) + " " + value;
}

std::string describe_ioctl(const std::string& name, const std::string& argument) {
  // The argument of the UI_SET_ family is a number; of the others a pointer.
  if (!name.starts_with("UI_SET_")) return name.substr(0, name.find_first_of(" ("));
  return name + " " + std::to_string(std::stoul(argument, nullptr, 0));
}

/// One line of the log: `4711 write(3, "\x00…", 24) = 24`.
std::string describe(const std::string& line) {
  static const re2::RE2 call(R"(\d+ +(\w+)\((.*)\) += (-?\w+)(?: (\w+))?.*)");
  static const re2::RE2 write(R"re(\d+, "([^"]*)", \d+)re");
  static const re2::RE2 ioctl(R"(\d+, (.*), (\w+))");
  std::string name;
  std::string arguments;
  std::string result;
  std::string error;
  if (!re2::RE2::FullMatch(line, call, &name, &arguments, &result, &error)) return line;
  const std::string failure = result == "-1" ? " " + error : "";
  std::string first;
  std::string second;
  if (name == "openat") return "open" + failure;
  if (name == "write" && re2::RE2::FullMatch(arguments, write, &first)) {
    return describe_write(first) + failure;
  }
  if (name == "ioctl" && re2::RE2::FullMatch(arguments, ioctl, &first, &second)) {
    return describe_ioctl(first, second) + failure;
  }
  return name + failure;
}

std::vector<std::string> command_line(const FakeKernel& kernel, const std::string& log,
                                      const std::string& node) {
  // 5 is written where every ioctl's pointer points: UI_GET_VERSION is the only
  // one that reads it back (the others hand over numbers, or buffers of no use).
  const std::string answer =
      kernel.modern ? "ioctl:retval=0:poke_exit=@arg3=05000000" : "ioctl:retval=0";
  std::vector<std::string> command = {"strace", "-f", "-qq", "-xx", "-s", "4096", "-o", log,
                                      // LeakSanitizer cannot work in a traced process.
                                      "-E", "ASAN_OPTIONS=detect_leaks=0", "-P", node, "-e",
                                      "trace=openat,ioctl,write,close", "-e", "inject=" + answer};
  for (const std::string& fault : kernel.faults) {
    command.insert(command.end(), {"-e", "inject=" + fault});
  }
  return command;
}

int run(std::vector<std::string> command, const std::string& output, const std::string& error) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error.c_str(), flags, 0600);
  pid_t child = 0;
  int status = -1;
  const int rc = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (rc != 0 || ::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TracedTyping type_under_trace(const FakeKernel& kernel, const std::string& layout,
                              const std::vector<std::string>& texts) {
  const test::TempFolder folder;
  const std::string node = folder / "uinput";
  const std::string log = folder / "log";
  std::ofstream(node) << "";
  auto command = command_line(kernel, log, node);
  command.insert(command.end(), {PASSGATE_TYPE_ON_NODE, node, layout});
  command.insert(command.end(), texts.begin(), texts.end());

  TracedTyping result;
  result.exit_status = run(std::move(command), folder / "output", folder / "error");
  for (const std::string& line : lines_of(test::content_of(log)))
    result.calls.push_back(describe(line));
  result.printed = lines_of(test::content_of(folder / "output"));
  result.node = test::content_of(node);
  result.trouble = test::content_of(folder / "error");
  return result;
}

}  // namespace passgate::hid
