// SPDX-License-Identifier: Apache-2.0
#include "runtime/service_manager.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <fstream>

#include "core/require.h"

namespace passgate::runtime {
namespace {

/// A newline would begin the next assignment of the protocol (sd_notify(3)).
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

/// Without NOTIFY_SOCKET nothing happens; a failure is not ours to handle, the
/// service manager will notice the silence.
void notify(const std::string& state) {
  static_cast<void>(::sd_notify(0, state.c_str()));
}

}  // namespace

void ServiceManager::ready(const std::string& status) const {
  notify("READY=1\nSTATUS=" + one_line(status));
}

void ServiceManager::status(const std::string& text) const {
  notify("STATUS=" + one_line(text));
}

void ServiceManager::stopping() const {
  notify("STOPPING=1");
}

void ServiceManager::alive() const {
  notify("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> ServiceManager::watchdog_interval() const {
  std::uint64_t allowed = 0;
  if (::sd_watchdog_enabled(0, &allowed) <= 0) return std::nullopt;
  return std::chrono::microseconds(allowed / 2);
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  PG_REQUIRE(::setrlimit(RLIMIT_CORE, &none) == 0);
  PG_REQUIRE(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace passgate::runtime
