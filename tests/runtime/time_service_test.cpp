// SPDX-License-Identifier: Apache-2.0
// Against a real dbus-daemon of our own, with a time service that we play.
#include "runtime/time_service.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/runtime/socket_fixture.h"

namespace passgate::runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimedate = "org.freedesktop.timedate1";

/// A bus on which everybody may do everything. It tells on a pipe when it is there.
class PrivateBus {
 public:
  explicit PrivateBus(const std::filesystem::path& folder)
      : address_("unix:path=" + (folder / "bus").native()) {
    const auto file = folder / "bus.conf";
    std::ofstream(file) << "<busconfig><type>session</type><listen>" << address_
                        << "</listen><policy context=\"default\"><allow own=\"*\"/>"
                           "<allow send_destination=\"*\"/><allow eavesdrop=\"true\"/>"
                           "<allow user=\"*\"/></policy></busconfig>";
    std::array<int, 2> ready{};
    EXPECT_EQ(::pipe(ready.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nosyslog",
               ("--config-file=" + file.native()).c_str(),
               ("--print-address=" + std::to_string(ready[1])).c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ready[1]);
    char first = 0;
    EXPECT_EQ(::read(ready[0], &first, 1), 1) << "no dbus-daemon? script/bootstrap gets it";
    ::close(ready[0]);
  }
  ~PrivateBus() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  const std::string& address() const { return address_; }
  void freeze() const { ::kill(pid_, SIGSTOP); }

 private:
  std::string address_;
  pid_t pid_ = 0;
};

int tell(sd_bus_message* question, void* synchronised, sd_bus_error* /*error*/) {
  if (synchronised == nullptr) return -EACCES;
  return ::sd_bus_reply_method_return(question, "v", "b", *static_cast<int*>(synchronised));
}

/// systemd-timedated, as far as it is asked.
class PlayedTimeService {
 public:
  /// @param synchronised  Nothing: it refuses to say.
  PlayedTimeService(const std::string& address, std::optional<bool> synchronised)
      : synchronised_(synchronised.value_or(false)) {
    EXPECT_GE(::sd_bus_new(&bus_), 0);
    EXPECT_GE(::sd_bus_set_address(bus_, address.c_str()), 0);
    EXPECT_GE(::sd_bus_set_bus_client(bus_, 1), 0);
    EXPECT_GE(::sd_bus_start(bus_), 0);
    EXPECT_GE(::sd_bus_add_object(bus_, nullptr, "/org/freedesktop/timedate1", tell,
                                  synchronised ? &synchronised_ : nullptr),
              0);
    EXPECT_GE(::sd_bus_request_name(bus_, kTimedate, 0), 0);
    thread_ = std::thread([this] {
      while (!stop_) {
        while (::sd_bus_process(bus_, nullptr) > 0) {
        }
        ::sd_bus_wait(bus_, 10'000);
      }
    });
  }
  ~PlayedTimeService() {
    stop_ = true;
    thread_.join();
    ::sd_bus_close_unref(bus_);
  }
  PlayedTimeService(const PlayedTimeService&) = delete;
  PlayedTimeService& operator=(const PlayedTimeService&) = delete;

 private:
  sd_bus* bus_ = nullptr;
  int synchronised_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class TimeServiceTest : public testing::Test {
 protected:
  KernelClock ask(Milliseconds patience = kPlenty) const {
    return ask_time_service(bus_.address(), patience);
  }

  test::TempFolder folder_;
  PrivateBus bus_{folder_.path()};
};

TEST_F(TimeServiceTest, TellsThatTheClockIsSynchronised) {
  const PlayedTimeService service(bus_.address(), true);
  const KernelClock clock = ask();
  EXPECT_TRUE(clock.answered);
  EXPECT_TRUE(clock.synchronised);
}

TEST_F(TimeServiceTest, TellsThatTheClockIsNot) {
  const PlayedTimeService service(bus_.address(), false);
  const KernelClock clock = ask();
  EXPECT_TRUE(clock.answered);
  EXPECT_FALSE(clock.synchronised);
}

TEST_F(TimeServiceTest, IsNoAnswerWhereNobodyHasTheName) {
  EXPECT_FALSE(ask().answered);
}

TEST_F(TimeServiceTest, IsNoAnswerWhenItRefuses) {
  const PlayedTimeService service(bus_.address(), std::nullopt);
  EXPECT_FALSE(ask().answered);
}

TEST_F(TimeServiceTest, IsWaitedForNoLongerThanTold) {
  bus_.freeze();  // It accepts, and never says hello.
  EXPECT_FALSE(ask(Milliseconds(50)).answered);
}

TEST(TimeService, IsNoAnswerWithoutABus) {
  EXPECT_FALSE(ask_time_service("unix:path=/nowhere/bus", kPlenty).answered);
  EXPECT_FALSE(ask_time_service("", kPlenty).answered);
}

}  // namespace
}  // namespace passgate::runtime
