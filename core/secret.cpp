// SPDX-License-Identifier: Apache-2.0
#include "core/secret.h"

#include <algorithm>
#include <cstring>

#include "core/require.h"

namespace passgate {

void wipe(std::span<std::uint8_t> bytes) noexcept {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

bool equal_in_constant_time(ByteView a, ByteView b) noexcept {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

SecretBytes::SecretBytes(std::size_t size)
    : bytes_(std::make_unique<std::uint8_t[]>(size)), size_(size) {}

SecretBytes SecretBytes::take(std::span<std::uint8_t> source) {
  SecretBytes secret(source.size());
  std::ranges::copy(source, secret.bytes_.get());
  wipe(source);
  return secret;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept {
  *this = std::move(other);
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe(writable());
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() {
  wipe(writable());
}

void SecretBytes::shrink(std::size_t size) noexcept {
  PG_REQUIRE(size <= size_);
  wipe(writable().subspan(size));
  size_ = size;
}

}  // namespace passgate
