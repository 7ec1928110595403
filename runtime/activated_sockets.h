// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "runtime/unix_socket.h"

namespace passgate::runtime {

/// The sockets that systemd listens at for us (Sockets= of a .socket unit) and
/// that have that FileDescriptorName=; the others are closed. None without
/// systemd. Once, before any thread: it takes them out of the environment.
std::vector<FileDescriptor> take_activated_sockets(std::string_view name);

}  // namespace passgate::runtime
