// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/bytes.h"

namespace passgate::fuzz {

/// What the fuzzer gave, taken from the front. Never fails: past the end come
/// zeros and empty blocks, so that every input means something.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool empty() const noexcept { return rest_.empty(); }
  std::uint8_t byte() {
    const ByteView one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  std::uint16_t number() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8 | byte());
  }
  /// The next `size` bytes, or what is left of them.
  ByteView take(std::size_t size) {
    const ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  /// A 2-byte length, then as many bytes.
  ByteView block() { return take(number()); }
  ByteView rest() { return take(rest_.size()); }

 private:
  ByteView rest_;
};

/// A copy that ends where its memory ends: reading one byte more is found.
inline Bytes exact(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace passgate::fuzz
