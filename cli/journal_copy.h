// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>

#include "cli/terminal.h"

namespace passgate::cli {

/// A folder of our own that goes away with all that is in it.
class TemporaryFolder {
 public:
  /// Errors: there is nowhere to make it.
  static std::expected<TemporaryFolder, Refusal> make();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Whether `file` is a database and no text.
bool is_database(const std::filesystem::path& file);

/// Writes what a journal.db holds, peers' records too, as JSON lines into a file
/// of `folder`. The journal itself is not opened: a copy is, which may be of one
/// that passgated writes at this moment.
/// @return The file. Errors: it cannot be read, is damaged, or nothing can be written.
std::expected<std::filesystem::path, Refusal> records_of_journal(
    const std::filesystem::path& journal, const TemporaryFolder& folder);

}  // namespace passgate::cli
