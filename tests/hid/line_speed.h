// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace passgate::hid {

/// Bits a second of a terminal, as the kernel has them; 0 when it has none.
unsigned line_speed(int fd);

}  // namespace passgate::hid
