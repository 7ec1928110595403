// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>

#include "core/result.h"

namespace passgate::runtime {

/// Blocks the signals in this thread and those it starts (call it first in
/// main) and hands them out through a descriptor for poll.
class SignalFd {
 public:
  explicit SignalFd(std::initializer_list<int> signals);
  ~SignalFd();
  SignalFd(const SignalFd&) = delete;
  SignalFd& operator=(const SignalFd&) = delete;

  int fd() const noexcept { return fd_; }
  /// The signal that arrived, or 0. Does not block.
  int take() const noexcept;

 private:
  int fd_ = -1;
};

}  // namespace passgate::runtime
