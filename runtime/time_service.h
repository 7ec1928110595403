// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/clock.h"
#include "runtime/clock_health.h"

namespace passgate::runtime {

inline constexpr auto kSystemBus = "unix:path=/run/dbus/system_bus_socket";

/// Whether the kernel's clock is synchronised, as systemd-timedated says: for a
/// sandbox that forbids to ask the kernel. Takes at most `patience`, whatever
/// the bus does; without an answer until then `answered` is false.
/// @param bus  D-Bus address.
KernelClock ask_time_service(const std::string& bus, Milliseconds patience);

}  // namespace passgate::runtime
