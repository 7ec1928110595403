// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "gate/sqlite_error.h"

namespace passgate::sync {

struct DatabaseOptions {
  std::filesystem::path path;
  mode_t mode = 0600;
  bool sync_every_commit = true;  ///< synchronous=FULL, else NORMAL.
  const char* schema = "";        ///< Run once, in an empty database: version 1.
  /// Run one after the other: the first makes version 2 of version 1, and so on.
  std::span<const char* const> upgrades;
};

/// Opens or creates: WAL that stays on disk after a close (another user may
/// have the file open), nothing in the schema trusted, no mmap.
/// Errors: storage_unwritable (errno or SQLite's code as detail), storage_full,
/// storage_busy, storage_corrupt (damaged, or not ours), bad_version (newer
/// than this program; the version as detail).
Result<std::unique_ptr<SQLite::Database>> open_database(const DatabaseOptions& options);

inline std::int64_t to_ms(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime from_ms(std::int64_t ms) {
  return WallTime(Milliseconds(ms));
}

}  // namespace passgate::sync
