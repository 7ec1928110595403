// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/unix_socket.h"

namespace passgate::sync {

/// A listening socket at one address of `[http] listen`: "127.0.0.1:8470",
/// "[::1]:8470" or "unix:/path" (mode 0660, removed with the object).
class ListenSocket {
 public:
  enum class Reach : std::uint8_t {
    this_machine,  ///< Only loopback and unix addresses.
    anywhere,
  };
  /// Fails with a sentence for the operator.
  static std::expected<ListenSocket, std::string> open(std::string_view address, Reach allowed);

  /// One that listens already, at whatever address. Fails likewise.
  static std::expected<ListenSocket, std::string> adopt(runtime::FileDescriptor socket,
                                                        Reach allowed);

  int fd() const noexcept;
  std::uint16_t port() const noexcept { return port_; }  ///< 0: a unix socket.

 private:
  using Socket = std::variant<runtime::FileDescriptor, runtime::UnixListener>;
  ListenSocket(Socket socket, std::uint16_t port) noexcept
      : socket_(std::move(socket)), port_(port) {}

  Socket socket_;
  std::uint16_t port_;
};

}  // namespace passgate::sync
