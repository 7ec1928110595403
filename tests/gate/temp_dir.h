// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace passgate::gate {

enum class Medium : std::uint8_t {
  memory,  ///< Syncing costs nothing there; for tests whose disk is simulated, or small.
  disk,
};

/// A fresh directory, removed with everything in it.
class TempDir {
 public:
  explicit TempDir(Medium medium = Medium::memory) {
    const std::filesystem::path shared_memory = "/dev/shm";
    const bool in_memory =
        medium == Medium::memory && ::access(shared_memory.c_str(), W_OK | X_OK) == 0;
    const auto parent = in_memory ? shared_memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "passgate-XXXXXX").string();
    const char* made = ::mkdtemp(pattern.data());
    EXPECT_NE(made, nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace passgate::gate
