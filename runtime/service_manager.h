// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace passgate::runtime {

/// systemd, when it started us (Type=notify); otherwise every call does nothing.
class ServiceManager {
 public:
  void ready(const std::string& status) const;  ///< READY=1 and STATUS=
  void status(const std::string& text) const;   ///< STATUS=
  void stopping() const;                        ///< STOPPING=1
  void alive() const;                           ///< WATCHDOG=1
  /// How often `alive()` must be called; half of what systemd allows.
  std::optional<std::chrono::microseconds> watchdog_interval() const;
};

/// No core files and no ptrace by others: a dump would hold keys.
void forbid_core_dumps();

/// The current boot's id (/proc/sys/kernel/random/boot_id), empty when unknown.
std::string boot_id();

}  // namespace passgate::runtime
