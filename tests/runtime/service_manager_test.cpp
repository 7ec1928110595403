// SPDX-License-Identifier: Apache-2.0
#include "runtime/service_manager.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "runtime/clock_health.h"
#include "runtime/signals.h"
#include "runtime/system_clock.h"
#include "runtime/unix_socket.h"
#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

/// Plays systemd: a datagram socket at NOTIFY_SOCKET.
class Notified : public testing::Test {
 protected:
  Notified() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const std::string path = (dir_ / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Notified() override {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

  /// Sending on a local datagram socket is done when it returns: no waiting.
  std::string received() const {
    std::array<char, 4096> text{};
    const ssize_t got = ::recv(fd_.get(), text.data(), text.size(), 0);
    return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
  }

  test::TempFolder dir_;
  FileDescriptor fd_;
  ServiceManager manager_;
};

TEST_F(Notified, IsToldEachStepOfTheService) {
  manager_.ready("2 readers");
  EXPECT_EQ(received(), "READY=1\nSTATUS=2 readers");
  manager_.status("1 reader");
  EXPECT_EQ(received(), "STATUS=1 reader");
  manager_.alive();
  EXPECT_EQ(received(), "WATCHDOG=1");
  manager_.stopping();
  EXPECT_EQ(received(), "STOPPING=1");
}

TEST_F(Notified, CannotBeToldAnythingElseByAStatusText) {
  manager_.status("reader\nMAINPID=1");
  EXPECT_EQ(received(), "STATUS=reader MAINPID=1");
}

TEST_F(Notified, IsFedTwiceAsOftenAsItAsks) {
  EXPECT_EQ(manager_.watchdog_interval(), std::nullopt);
  ::setenv("WATCHDOG_USEC", "10000000", 1);
  EXPECT_EQ(manager_.watchdog_interval(), std::chrono::seconds(5));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(manager_.watchdog_interval(), std::nullopt) << "it watches another process";
}

TEST(ServiceManager, DoesNothingWithoutSystemd) {
  ::unsetenv("NOTIFY_SOCKET");
  const ServiceManager manager;
  manager.ready("x");
  manager.alive();
  EXPECT_EQ(manager.watchdog_interval(), std::nullopt);
}

TEST(CoreDumps, AreForbiddenForTheWholeProcess) {
  // In a process of its own: it cannot be undone, and leak checking needs it undone.
  EXPECT_EXIT(
      {
        forbid_core_dumps();
        rlimit limit{};
        ::getrlimit(RLIMIT_CORE, &limit);
        const bool forbidden = limit.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
        ::_exit(forbidden ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(BootId, IsAUuid) {
  EXPECT_EQ(boot_id().size(), 36U);
  EXPECT_EQ(boot_id(), boot_id());
}

TEST(ClockHealth, BelievesTheKernelOnlyWhenTheTimeIsPossible) {
  const WallTime before = from_rfc3339("2026-10-31T23:59:59.999Z").value();
  const WallTime after = from_rfc3339("2026-11-01T00:00:00Z").value();
  EXPECT_EQ(clock_health(after, {true, true}), ClockState::synchronised);
  EXPECT_EQ(clock_health(after, {true, false}), ClockState::holdover);
  EXPECT_EQ(clock_health(after, {false, false}), ClockState::holdover);
  EXPECT_EQ(clock_health(before, {true, true}), ClockState::unset);
  EXPECT_EQ(clock_health(before, {false, false}), ClockState::unset);
}

TEST(ClockHealth, WhatIsKnownOfTheClockWearsOff) {
  using namespace std::chrono_literals;
  const WallTime wall = from_rfc3339("2026-11-20T19:00:00Z").value();
  const MonoTime boot{};
  const ClockAnchor anchor{.wall = wall, .monotonic = boot, .bound = 20ms};
  EXPECT_EQ(error_since(anchor, wall, boot), 21ms);
  // 500 ppm: 1.8 s an hour.
  EXPECT_EQ(error_since(anchor, wall + 1h, boot + 1h), 1821ms);
  EXPECT_EQ(error_since(anchor, wall + 24h, boot + 24h), 43'221ms);
}

TEST(ClockHealth, AStepOfTheClockIsNoSecret) {
  using namespace std::chrono_literals;
  const WallTime wall = from_rfc3339("2026-11-20T19:00:00Z").value();
  const MonoTime boot{};
  const ClockAnchor anchor{.wall = wall, .monotonic = boot, .bound = 20ms};
  EXPECT_EQ(error_since(anchor, wall - 1h + 10s, boot + 10s), 1h + 26ms);
  EXPECT_EQ(error_since(anchor, wall + 1h + 10s, boot + 10s), 1h + 26ms);
  EXPECT_EQ(error_since(anchor, wall + 10s + 1ms, boot + 10s), 26ms) << "two clocks, two moments";
}

TEST(SystemClock, KnowsABoundExactlyWhileTheKernelOrAnAnchorGivesOne) {
  const SystemClock clock;
  const auto bound = clock.error_bound();
  if (clock.state() == ClockState::synchronised) {
    ASSERT_TRUE(bound);
    EXPECT_LE(*bound, kLastOfSynchronised);
  } else {
    EXPECT_FALSE(bound) << "nothing was ever known in this process";
  }
}

TEST(SystemClock, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  const MonoTime first = clock.monotonic();
  EXPECT_GE(clock.monotonic(), first);
}

TEST(SystemClock, AgreesWithItsOwnReadingOfTheTime) {
  const SystemClock clock;
  const bool possible = clock_health(clock.now(), {false, false}) != ClockState::unset;
  EXPECT_EQ(clock.state() != ClockState::unset, possible);
}

TEST(SignalFd, HandsOutSignalsThroughADescriptor) {
  const SignalFd signals({SIGUSR1});
  EXPECT_EQ(signals.take(), 0);
  ASSERT_EQ(::raise(SIGUSR1), 0);
  pollfd one{signals.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&one, 1, 0), 1);
  EXPECT_EQ(signals.take(), SIGUSR1);
  EXPECT_EQ(signals.take(), 0);
}

}  // namespace
}  // namespace passgate::runtime
