// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
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

/// A host of `[http] hosts` as it is compared: in lower case, an IPv6 address
/// without brackets. Nothing: `text` is neither a DNS name nor an address.
std::optional<std::string> host_name(std::string_view text);

/// Another machine and its port.
struct TcpPlace {
  std::string host;  ///< A DNS name in lower case or an address, without brackets.
  std::uint16_t port = 0;
};

/// Reads "HOST:PORT" or "[IPV6]:PORT"; nothing when it is neither.
std::optional<TcpPlace> tcp_place(std::string_view text);

}  // namespace passgate::runtime
