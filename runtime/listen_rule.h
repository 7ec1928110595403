// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "runtime/config.h"

namespace passgate::runtime {

/// Where an HTTP service listens.
struct ListenPlace {
  std::string address;        ///< "IP:PORT", "[IPV6]:PORT" or "unix:PATH", the path absolute.
  bool this_machine = false;  ///< Nobody beyond it can connect: a socket file, 127.0.0.0/8, ::1.
};

/// Reads one address of `[http] listen`. Fails with words that follow it: "is
/// not …".
/// @param named_in  The file that a relative path is relative to.
std::expected<ListenPlace, std::string> listen_place(std::string_view text, const Origin& named_in);

}  // namespace passgate::runtime
