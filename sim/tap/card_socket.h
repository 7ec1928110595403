// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/result.h"

namespace passgate::sim {

/// A card's connection to the stream socket of a reader that is a program:
/// bytes, with a deadline on every wait. Frames are its user's. One thread.
class CardSocket {
 public:
  /// Errors: unreachable (errno as detail).
  static Result<CardSocket> connect(const std::filesystem::path& path);
  CardSocket(CardSocket&& other) noexcept;
  CardSocket& operator=(CardSocket&& other) noexcept;
  ~CardSocket();

  /// Exactly `n` bytes, the next ones. What came of them before a failure stays
  /// for the next call.
  /// Errors: deadline_exceeded; connection_lost.
  Result<Bytes> receive(std::size_t n, MonoTime until);
  /// All of `bytes`. Errors: as receive().
  Status send(ByteView bytes, MonoTime until);

 private:
  explicit CardSocket(int fd) noexcept : fd_(fd) {}
  Status ready(short events, MonoTime until) const;

  int fd_;
  Bytes arrived_;  ///< At most what was waited for, and one read.
};

}  // namespace passgate::sim
