// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "core/bytes.h"

namespace passgate {

/// Overwrites memory in a way the compiler may not remove.
void wipe(std::span<std::uint8_t> bytes) noexcept;

/// Runs in time that depends on the lengths only. False when they differ.
bool equal_in_constant_time(ByteView a, ByteView b) noexcept;

/// N secret bytes that live in exactly one place. Cannot be copied, printed or
/// compared with ==. Wiped on destruction and on being moved from. The size is
/// fixed for life, so no reallocation can leave a stray copy behind.
template <std::size_t N>
class Secret {
 public:
  Secret() noexcept = default;  ///< All zero; fill through `writable()`.
  Secret(Secret&& other) noexcept { *this = std::move(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      for (std::size_t i = 0; i < N; ++i) bytes_[i] = other.bytes_[i];
      wipe(other.bytes_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  /// The bytes, for a cipher or a comparison. The long name is on purpose:
  /// every reader of a secret is found by searching for it.
  std::span<const std::uint8_t, N> expose() const noexcept { return bytes_; }
  /// For the one function that produces the secret. Valid while *this lives.
  std::span<std::uint8_t, N> writable() noexcept { return bytes_; }

 private:
  std::uint8_t bytes_[N] = {};
};

/// Same contract, length chosen once at construction. Pass content, private
/// keys on their way from a file, API keys.
class SecretBytes {
 public:
  SecretBytes() noexcept = default;        ///< No bytes.
  explicit SecretBytes(std::size_t size);  ///< Zeroed. May throw std::bad_alloc.
  /// Takes the bytes and wipes `source`, so that one copy remains.
  static SecretBytes take(std::span<std::uint8_t> source);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  ByteView expose() const noexcept { return {bytes_.get(), size_}; }
  std::span<std::uint8_t> writable() noexcept { return {bytes_.get(), size_}; }
  /// Gives up the tail: wipes it, then reports the smaller size. Never grows.
  void shrink(std::size_t size) noexcept;

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace passgate
