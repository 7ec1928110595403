// SPDX-License-Identifier: Apache-2.0
#include "runtime/activated_sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace passgate::runtime {
namespace {

/// Plays systemd: descriptors from 3 on, their names, and whose they are.
void give(int count, const char* names) {
  for (int i = 0; i < count; ++i) {
    if (::dup2(STDERR_FILENO, SD_LISTEN_FDS_START + i) < 0) std::_Exit(90);
  }
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
  ::setenv("LISTEN_FDNAMES", names, 1);
}

// In a child each: it is a process's own descriptors and environment.

TEST(ActivatedSocketsDeathTest, AreTakenByNameAndNotInherited) {
  EXPECT_EXIT(
      {
        give(3, "passgate-http:other:passgate-http");
        const auto taken = take_activated_sockets("passgate-http");
        const bool right = taken.size() == 2 && taken[0].get() == 3 && taken[1].get() == 5;
        const bool own = right && (::fcntl(3, F_GETFD) & FD_CLOEXEC) != 0;
        const bool other_closed = ::fcntl(4, F_GETFD) < 0;
        std::_Exit(own && other_closed && std::getenv("LISTEN_FDS") == nullptr ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(ActivatedSocketsDeathTest, AreNoneWithoutSystemdOrForAnotherProcess) {
  EXPECT_EXIT(
      {
        const bool none = take_activated_sockets("passgate-http").empty();
        give(1, "passgate-http");
        ::setenv("LISTEN_PID", "1", 1);
        std::_Exit(none && take_activated_sockets("passgate-http").empty() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace passgate::runtime
