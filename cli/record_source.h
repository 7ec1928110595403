// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "gate/tap_record.h"

namespace passgate::cli {

/// Of a record as a JSON line, which has about 700 bytes.
inline constexpr std::size_t kLongestRecordLine = std::size_t{64} * 1024;

/// Records of any number of terminals from a file of JSON lines, in gate/merge.h's
/// order, each tap id once. Reads the file twice and keeps 80 bytes a record, so
/// that a season fits into a small machine; while records of several terminals
/// are put in order, about 600.
class RecordSource {
 public:
  /// Errors: the file cannot be read, or which line is no record.
  static std::expected<RecordSource, Refusal> open(const std::filesystem::path& file);

  /// Absent: the end. Errors: the file has changed since it was opened.
  std::expected<std::optional<gate::TapRecord>, Refusal> next();

 private:
  /// Where a record stands in the file, and what its place in the order depends on.
  struct Place {
    TapId tap_id;
    std::streamoff offset = 0;
    std::uint64_t position = 0;
    WallTime at;
    std::optional<Milliseconds> clock_error;
    ClockState clock = ClockState::unset;
  };
  using Places = std::map<std::string, std::vector<Place>>;  ///< By terminal.

  std::expected<Places, Refusal> index();
  static std::vector<Place> in_order(Places places);

  std::filesystem::path file_;
  std::ifstream in_;
  std::vector<Place> places_;
  std::size_t next_ = 0;
};

}  // namespace passgate::cli
