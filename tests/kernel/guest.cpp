// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/guest.h"

#include <fcntl.h>
#include <linux/input.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "core/require.h"
#include "hid/file_descriptor.h"

namespace passgate::kernel {

bool becomes_true(const std::function<bool()>& it) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!it()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void stay_on_one_processor() {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  PG_REQUIRE(::sched_setaffinity(0, sizeof first, &first) == 0);
}

void load_modules(const std::string& names) {
  static std::set<std::string> tried;  // Each fixture asks, and modprobe takes its time.
  if (!tried.insert(names).second) return;
  static_cast<void>(run("for module in " + names + "; do modprobe $module; done"));
}

bool run(const std::string& command) {
  return std::system(command.c_str()) == 0;
}

bool put(const std::filesystem::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary);
  out << content;
  out.flush();
  return out.good();
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::filesystem::path event_node(const std::string& device_name) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/input", none)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("event")) continue;
    if (first_line(entry.path() / "device/name") != device_name) continue;
    const auto node = std::filesystem::path("/dev/input") / name;
    if (::access(node.c_str(), R_OK) == 0) return node;
  }
  return {};
}

std::filesystem::path await_event_node(const std::string& device_name) {
  std::filesystem::path node;
  static_cast<void>(becomes_true([&] { return !(node = event_node(device_name)).empty(); }));
  return node;
}

bool lights_caps_lock(const std::filesystem::path& node) {
  const hid::FileDescriptor fd(::open(node.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<unsigned char, LED_CNT / 8 + 1> lights{};
  return fd && ::ioctl(fd.get(), EVIOCGLED(lights.size()), lights.data()) >= 0 &&
         (lights[LED_CAPSL / 8] >> (LED_CAPSL % 8) & 1) != 0;
}

}  // namespace passgate::kernel
