// SPDX-License-Identifier: Apache-2.0
// Internal to runtime/: what both ends of a stream socket read by.
#pragma once

#include <cerrno>
#include <cstddef>

namespace passgate::runtime {

/// What is read at once, at most; bytes.
inline constexpr std::size_t kReadSize = std::size_t{64} * 1024;

/// Whether what failed with this errno is worth another try.
inline bool transient(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace passgate::runtime
