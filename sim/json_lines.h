// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/result.h"

namespace passgate::sim {

/// One JSON object a line, flushed line by line so that a test that follows the
/// file sees a line as soon as it is answered. Used by one thread.
class JsonLines {
 public:
  /// Goes nowhere.
  JsonLines() = default;
  /// Appends to `path`. Errors: storage_unwritable (errno as detail).
  static Result<JsonLines> append_to(const std::filesystem::path& path);
  /// Standard output. Two of these may be used by two threads: a line is one write.
  static JsonLines standard_output();

  void operator()(const nlohmann::json& line);

 private:
  struct Close {
    bool owned;
    void operator()(std::FILE* file) const noexcept {
      if (owned) std::fclose(file);
    }
  };
  explicit JsonLines(std::FILE* file, bool owned) : file_(file, Close{owned}) {}

  std::unique_ptr<std::FILE, Close> file_{nullptr, Close{false}};
};

}  // namespace passgate::sim
