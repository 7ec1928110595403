// SPDX-License-Identifier: Apache-2.0
#include "runtime/time_service.h"

#include <systemd/sd-bus.h>

#include <memory>

namespace passgate::runtime {
namespace {

using std::chrono::microseconds;

struct Close {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, Close>;

struct Answer {
  bool came = false;
  KernelClock clock;
};

int take(sd_bus_message* message, void* into, sd_bus_error* /*unused*/) {
  auto& answer = *static_cast<Answer*>(into);
  answer.came = true;
  int synchronised = 0;
  if (::sd_bus_message_is_method_error(message, nullptr) != 0) return 0;
  if (::sd_bus_message_read(message, "v", "b", &synchronised) < 0) return 0;
  answer.clock = {.answered = true, .synchronised = synchronised != 0};
  return 0;
}

Bus connect(const std::string& address) {
  sd_bus* fresh = nullptr;
  if (::sd_bus_new(&fresh) < 0) return nullptr;
  Bus bus(fresh);
  if (::sd_bus_set_address(fresh, address.c_str()) < 0) return nullptr;
  if (::sd_bus_set_bus_client(fresh, 1) < 0 || ::sd_bus_start(fresh) < 0) return nullptr;
  return bus;
}

}  // namespace

KernelClock ask_time_service(const std::string& bus_address, Milliseconds patience) {
  const MonoTime deadline = std::chrono::steady_clock::now() + patience;
  const Bus bus = connect(bus_address);
  Answer answer;
  if (!bus || ::sd_bus_call_method_async(
                  bus.get(), nullptr, "org.freedesktop.timedate1", "/org/freedesktop/timedate1",
                  "org.freedesktop.DBus.Properties", "Get", take, &answer, "ss",
                  "org.freedesktop.timedate1", "NTPSynchronized") < 0) {
    return {};
  }
  // Its calls that wait have no deadline while the bus does not say hello.
  while (!answer.came) {
    const int moved = ::sd_bus_process(bus.get(), nullptr);
    if (moved < 0) break;
    if (moved > 0) continue;
    const auto left =
        std::chrono::duration_cast<microseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    if (::sd_bus_wait(bus.get(), static_cast<std::uint64_t>(left.count())) < 0) break;
  }
  return answer.clock;
}

}  // namespace passgate::runtime
