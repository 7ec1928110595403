// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace passgate::cli {

/// A new folder under the system's temporary one, removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Writes a file only its owner may read.
  std::filesystem::path write(const std::string& name, ByteView content) const;
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    return write(name, bytes_of(content));
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The content of a file of tests/fixtures.
std::string read_fixture(const std::string& name);

}  // namespace passgate::cli
