// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace passgate::gate {

/// What a power cut leaves of writes that were not synced.
enum class Survival : std::uint8_t {
  none,  ///< All of them are gone, names made or removed since the last sync of the directory, too.
  some,  ///< Any subset of their 512-byte sectors reached the disk, of the names likewise.
};

/// A disk with a volatile cache, under SQLite: a VFS over the system's one.
/// Writes stay in memory until xSync of their file, then go to the real file.
/// The power can be cut at any operation that changes something, the disk can
/// be full or broken, and syncs are counted. Locks and shared memory are the
/// real ones. For one thread.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// For Journal::Options::vfs.
  const std::string& vfs() const { return name_; }

  /// The n-th changing operation from now (1: the next) fails, and all after it.
  void cut_power_at(std::uint64_t n) { dark_at_ = operations_ + n; }
  bool dark() const { return operations_ >= dark_at_; }
  /// When every file is closed: loses what the cut loses. The power is back.
  void restore_power(Survival survival, std::mt19937_64& random);

  /// Changing operations so far.
  std::uint64_t operations() const { return operations_; }
  /// Syncs of write-ahead logs so far.
  std::uint64_t log_syncs() const { return log_syncs_; }

  /// Files may grow by so many bytes in all, then writes fail with SQLITE_FULL.
  void set_free_bytes(std::optional<std::uint64_t> bytes) { free_bytes_ = bytes; }
  /// Every write, or every sync, fails with this code; SQLITE_OK: none.
  void fail_writes_with(int code) { write_code_ = code; }
  void fail_syncs_with(int code) { sync_code_ = code; }

 private:
  friend struct FaultyFile;
  struct Change {
    std::int64_t offset;             ///< Or the new size, when truncating.
    std::vector<std::uint8_t> data;  ///< Empty: a truncation.
  };
  struct Content {
    std::vector<std::uint8_t> cached;  ///< What programs see.
    std::vector<Change> unsynced;      ///< What the real file lacks.
  };

  bool works();  ///< Counts one changing operation.
  int open(const char* path, sqlite3_file* file, int flags, int* out_flags);
  int remove(const char* path, bool sync_directory);
  int write(Content& content, const void* data, int size, std::int64_t offset);
  void directory_synced();
  void apply(const std::string& path, const Content& content, Survival survival,
             std::mt19937_64& random);

  sqlite3_vfs* real_;
  std::string name_;
  sqlite3_vfs vfs_{};
  std::map<std::string, Content> contents_;
  std::set<std::string> new_names_;
  std::map<std::string, std::vector<std::uint8_t>> removed_;  ///< Its removal is not synced.
  std::uint64_t operations_ = 0, dark_at_ = UINT64_MAX, log_syncs_ = 0;
  std::optional<std::uint64_t> free_bytes_;
  int write_code_ = SQLITE_OK, sync_code_ = SQLITE_OK;
};

}  // namespace passgate::gate
