// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "core/require.h"

namespace passgate::runtime {

SignalFd::SignalFd(std::initializer_list<int> signals) {
  sigset_t set;
  PG_REQUIRE(sigemptyset(&set) == 0);
  for (const int signal : signals) PG_REQUIRE(sigaddset(&set, signal) == 0);
  PG_REQUIRE(::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  fd_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  PG_REQUIRE(fd_ >= 0);
}

SignalFd::~SignalFd() {
  ::close(fd_);
}

int SignalFd::take() const noexcept {
  signalfd_siginfo info{};
  if (::read(fd_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace passgate::runtime
