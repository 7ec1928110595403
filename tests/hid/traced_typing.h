// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace passgate::hid {

/// The system calls that reached a uinput node, readable, in order:
/// "open", "UI_SET_KEYBIT 30", "KEY 30 down", "KEY 30 up", "SYN", "close"; a
/// failed one ends in its errno, "KEY 30 down ENODEV".
struct TracedTyping {
  std::vector<std::string> calls;
  std::vector<std::string> printed;  ///< Lines of the program's standard output.
  std::string node;                  ///< What the node, a plain file, holds afterwards.
  int exit_status = -1;
  std::string trouble;  ///< Standard error of strace and the program.
};

/// How the kernel that strace plays answers.
struct FakeKernel {
  /// Before version 5 a device is described by a write, from then by UI_DEV_SETUP.
  bool modern = true;
  /// More `-e inject=` expressions, e.g. "write:error=ENODEV:when=3".
  std::vector<std::string> faults;
};

/// Runs the real typing code against a plain file while strace answers its
/// ioctls. Fails by its exit status when strace may not trace.
TracedTyping type_under_trace(const FakeKernel& kernel, const std::string& layout,
                              const std::vector<std::string>& texts);

}  // namespace passgate::hid
