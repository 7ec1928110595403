// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/clock.h"

namespace passgate::gate {

/// Fills a passes.db as the other daemon does: by the contract in pass_mirror.h.
class MirrorWriter {
 public:
  explicit MirrorWriter(const std::filesystem::path& path)
      : database_(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 1000) {
    int keep = 1;
    sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    database_.exec(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; BEGIN;"
        "CREATE TABLE IF NOT EXISTS passes(provider TEXT, template TEXT, join_value TEXT,"
        " state TEXT NOT NULL, valid_from INTEGER, valid_until INTEGER, sweep INTEGER NOT NULL,"
        " PRIMARY KEY(provider, template, join_value)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS sweeps(provider TEXT, template TEXT, sweep INTEGER NOT NULL,"
        " completed_at INTEGER, PRIMARY KEY(provider, template)) WITHOUT ROWID;"
        "PRAGMA user_version = 1; COMMIT");
  }

  void pass(const std::string& id, const std::string& state, std::optional<WallTime> from = {},
            std::optional<WallTime> until = {}) {
    SQLite::Statement put(database_,
                          "REPLACE INTO passes VALUES('main', 'ptk_0x14', ?1, ?2, ?3, ?4, 1)");
    put.bind(1, id);
    put.bind(2, state);
    if (from) put.bind(3, std::int64_t{from->time_since_epoch().count()});
    if (until) put.bind(4, std::int64_t{until->time_since_epoch().count()});
    put.exec();
  }
  void sweep_completed(std::optional<WallTime> at) {
    SQLite::Statement put(database_, "REPLACE INTO sweeps VALUES('main', 'ptk_0x14', 1, ?1)");
    if (at) put.bind(1, std::int64_t{at->time_since_epoch().count()});
    put.exec();
  }
  void exec(const std::string& sql) { database_.exec(sql); }
  /// As a clean stop: everything in the file. Needs that no reader has a lock.
  bool truncates_log() {
    return database_.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0;
  }

 private:
  SQLite::Database database_;
};

}  // namespace passgate::gate
