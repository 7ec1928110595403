// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace passgate::sync::test {

/// passgate-syncd as a child process.
class Syncd {
 public:
  /// @param errors  Its standard error is appended there.
  Syncd(std::vector<std::string> arguments, const std::filesystem::path& errors);
  ~Syncd();
  Syncd(const Syncd&) = delete;
  Syncd& operator=(const Syncd&) = delete;

  void send(int signal) const;
  /// The exit status; -1 when a signal ended it.
  int wait();

 private:
  pid_t pid_ = -1;
};

}  // namespace passgate::sync::test
