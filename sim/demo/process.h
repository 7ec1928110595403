// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::sim {

/// A program started by us and ended by us: by its process id, never by name.
/// Its standard output is read line by line, its standard error goes to a file.
/// It dies with us, whatever happens (PR_SET_PDEATHSIG). Movable.
class Process {
 public:
  struct Start {
    std::vector<std::string> command;                              ///< Path first.
    std::vector<std::pair<std::string, std::string>> environment;  ///< Added to ours.
    std::filesystem::path log;                                     ///< Standard error, appended.
  };
  /// Errors: unreachable (errno as detail).
  static Result<Process> start(const Start& start);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();  ///< stop()

  ::pid_t pid() const noexcept { return pid_; }
  /// The next line of standard output, without its end.
  /// Errors: deadline_exceeded, unreachable (it ended).
  Result<std::string> read_line(Milliseconds budget);
  /// Waits for it to end by itself. @return Its exit status, 128 + signal when
  /// killed. Errors: deadline_exceeded.
  Result<int> wait(Milliseconds budget);
  /// SIGTERM, and SIGKILL when it has not ended after `grace`.
  /// @return As wait(); 0 when it had ended before.
  int stop(Milliseconds grace = std::chrono::seconds(5)) noexcept;

 private:
  Process(::pid_t pid, int out) noexcept : pid_(pid), out_(out) {}
  ::pid_t pid_ = -1;
  int out_ = -1;
  std::string pending_;
};

}  // namespace passgate::sim
