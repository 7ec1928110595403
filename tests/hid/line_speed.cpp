// SPDX-License-Identifier: Apache-2.0
#include "tests/hid/line_speed.h"

// A file of its own: this header and <termios.h> exclude each other.
#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace passgate::hid {

unsigned line_speed(int fd) {
  ::termios2 settings{};
  return ::ioctl(fd, TCGETS2, &settings) == 0 ? settings.c_ospeed : 0;
}

}  // namespace passgate::hid
