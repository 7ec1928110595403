// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "core/bytes.h"

namespace passgate::fuzz {

/// Where seeds go: one folder a target, one file a seed.
class SeedFolder {
 public:
  explicit SeedFolder(std::filesystem::path root) : root_(std::move(root)) {}

  void add(const std::string& target, const std::string& name, ByteView seed) {
    std::filesystem::create_directories(root_ / target);
    std::ofstream file(root_ / target / name, std::ios::binary);
    file.exceptions(std::ios::badbit | std::ios::failbit);
    file << text_of(seed);
    file.flush();
    ++written_;
  }
  std::size_t written() const noexcept { return written_; }

 private:
  std::filesystem::path root_;
  std::size_t written_ = 0;
};

/// A 2-byte length, then the bytes: Input::block() takes it.
inline void append_block(Bytes& to, ByteView bytes) {
  append_be16(to, static_cast<std::uint16_t>(bytes.size()));
  append(to, bytes);
}

}  // namespace passgate::fuzz
