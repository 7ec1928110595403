// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "core/clock.h"
#include "core/result.h"
#include "sim/reader/descriptor.h"

namespace passgate::sim {

/// A pcscd of our own: the real daemon, with its own readers, on its own
/// socket, started as the service manager would (socket on descriptor 3). It
/// dies with the thread that started it. One owner, one thread.
class PcscdProcess {
 public:
  struct Places {
    std::filesystem::path program;  ///< /usr/sbin/pcscd
    std::filesystem::path readers;  ///< The folder of reader.conf files.
    std::filesystem::path socket;   ///< At most 107 characters.
    std::filesystem::path log;      ///< What it prints, appended.
  };
  /// Errors: unreachable, with the errno.
  static Result<PcscdProcess> start(const Places& places);
  PcscdProcess(PcscdProcess&& other) noexcept;
  PcscdProcess& operator=(PcscdProcess&&) = delete;
  PcscdProcess(const PcscdProcess&) = delete;
  PcscdProcess& operator=(const PcscdProcess&) = delete;
  ~PcscdProcess() { kill(); }

  pid_t pid() const noexcept { return pid_; }
  /// Readable when the process has ended.
  int end_descriptor() const noexcept { return end_.get(); }
  /// True once it has ended, waiting for that at most `timeout`.
  bool ended(Milliseconds timeout) const noexcept;
  /// SIGTERM, and SIGKILL if that does not end it within `grace`.
  void end(Milliseconds grace) noexcept;
  /// SIGKILL, and waits for the end.
  void kill() noexcept;

 private:
  PcscdProcess(pid_t pid, Descriptor end) : pid_(pid), end_(std::move(end)) {}
  pid_t pid_;
  Descriptor end_;
};

}  // namespace passgate::sim
