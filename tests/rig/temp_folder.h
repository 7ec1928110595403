// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "core/require.h"

namespace passgate::test {

/// The whole content of a file; empty when it cannot be read.
inline std::string content_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// A folder of a test's own, gone afterwards. Short path: sockets go in there.
class TempFolder {
 public:
  /// @param below  Where it is made.
  explicit TempFolder(std::string_view below = "/tmp") {
    std::string pattern = std::string(below) + "/pgt-XXXXXX";
    PG_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  /// Writes a file, folders included. @return Its path.
  std::filesystem::path write(std::string_view name, std::string_view content,
                              ::mode_t mode = 0600) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    ::chmod((path_ / name).c_str(), mode);
    return path_ / name;
  }
  std::string read(std::string_view name) const { return content_of(path_ / name); }

 private:
  std::filesystem::path path_;
};

}  // namespace passgate::test
