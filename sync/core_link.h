// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "core/guarded.h"
#include "core/result.h"
#include "runtime/frame.h"
#include "runtime/socket_client.h"

namespace passgate::sync {

/// Questions to passgated over core.sock (daemon/socket_service.h says which).
/// Any thread: each question borrows a connection of its own, and a few are
/// kept open for the next.
class CoreLink {
 public:
  explicit CoreLink(std::filesystem::path core_sock) : path_(std::move(core_sock)) {}

  /// Errors: unreachable (passgated is not there), deadline_exceeded, those of
  /// FrameReader. An answer of type "error" is an answer.
  Result<runtime::Message> ask(const runtime::Message& message, Milliseconds budget);

 private:
  static constexpr std::size_t kKept = 8;

  Result<runtime::Message> ask_over(runtime::SocketClient client, const runtime::Message& message,
                                    Milliseconds budget);

  std::filesystem::path path_;
  Guarded<std::vector<runtime::SocketClient>> idle_;
};

}  // namespace passgate::sync
