// SPDX-License-Identifier: Apache-2.0
#include "runtime/activated_sockets.h"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace passgate::runtime {

std::vector<FileDescriptor> take_activated_sockets(std::string_view name) {
  std::vector<FileDescriptor> taken;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  for (int i = 0; i < count; ++i) {
    FileDescriptor fd(SD_LISTEN_FDS_START + i);
    if (names != nullptr && name == names[i]) taken.push_back(std::move(fd));
  }
  for (int i = 0; names != nullptr && names[i] != nullptr; ++i) std::free(names[i]);
  std::free(static_cast<void*>(names));
  return taken;
}

}  // namespace passgate::runtime
