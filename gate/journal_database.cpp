// SPDX-License-Identifier: Apache-2.0
#include "gate/journal_database.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "gate/sqlite_error.h"

namespace passgate::gate {
namespace {

/// Step n brings a file of version n to version n + 1. Steps are never changed
/// once released, only added.
constexpr std::array kLadder{
    // The use number is part of the key: two readers cannot both write use 1.
    // `taps` keeps AUTOINCREMENT because a position must not come back after
    // its row was deleted: whoever follows the journal counts by it.
    R"sql(
CREATE TABLE taps(
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  tap_id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  monotonic_ns INTEGER NOT NULL,
  clock TEXT NOT NULL,
  terminal TEXT NOT NULL,
  reader TEXT NOT NULL,
  zone TEXT NOT NULL,
  direction TEXT NOT NULL,
  wallet TEXT NOT NULL,
  pass TEXT NOT NULL,
  pass_template TEXT NOT NULL,
  pass_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,
  effected INTEGER NOT NULL,
  use_no INTEGER
) STRICT;
CREATE TABLE uses(
  template TEXT NOT NULL,
  pass_id TEXT NOT NULL,
  use_no INTEGER NOT NULL CHECK(use_no > 0),
  tap_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  reader TEXT NOT NULL,
  PRIMARY KEY(template, pass_id, use_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE cryptograms(digest BLOB PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX cryptograms_by_end ON cryptograms(until);
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('acknowledged', 0);
)sql",
    // Google's id of the object, beside the pass id that was read from it.
    "ALTER TABLE taps ADD COLUMN object_id TEXT NOT NULL DEFAULT '';",
    // "Why was this pass refused?" must not read the whole season; within a pass
    // the rows stand in the order of their positions.
    "CREATE INDEX taps_by_pass ON taps(pass_template, pass_id);",
    // Overrides, undos and conflicts are records like taps. Whatever moved a
    // pass's people is found without its refusals. What other terminals told is
    // kept as it came, once a tap.
    R"sql(
ALTER TABLE taps ADD COLUMN kind TEXT NOT NULL DEFAULT 'tap';
ALTER TABLE taps ADD COLUMN clock_error_ms INTEGER;
ALTER TABLE taps ADD COLUMN party INTEGER NOT NULL DEFAULT 1;
ALTER TABLE taps ADD COLUMN flag TEXT NOT NULL DEFAULT 'none';
ALTER TABLE taps ADD COLUMN refers TEXT;
ALTER TABLE taps ADD COLUMN operator TEXT NOT NULL DEFAULT '';
ALTER TABLE taps ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE taps ADD COLUMN needed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE taps ADD COLUMN conflict TEXT;
ALTER TABLE taps ADD COLUMN against TEXT;
ALTER TABLE taps ADD COLUMN order_certain INTEGER NOT NULL DEFAULT 0;
CREATE INDEX movements ON taps(pass_template, pass_id)
  WHERE kind <> 'conflict' AND (decision = 'admit' OR kind = 'undo');
CREATE UNIQUE INDEX acts ON taps(refers, kind) WHERE kind IN ('override', 'undo');
CREATE TABLE peer_taps(
  tap_id TEXT PRIMARY KEY,
  pass_template TEXT NOT NULL,
  pass_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX peer_taps_by_pass ON peer_taps(pass_template, pass_id);
CREATE INDEX peer_taps_by_age ON peer_taps(at);
CREATE TABLE presence(
  zone TEXT PRIMARY KEY,
  inside INTEGER NOT NULL CHECK(inside >= 0),
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    // Passes whose records have to be judged together again, so that a crash
    // between hearing of them and telling what follows loses nothing. And how far
    // the mirror's revocations have been looked at.
    R"sql(
CREATE TABLE unsettled(
  pass_template TEXT NOT NULL,
  pass_id TEXT NOT NULL,
  mark INTEGER NOT NULL,
  PRIMARY KEY(pass_template, pass_id)
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('revocations', 0);
)sql",
    // A pass that other terminals refused time and again is still known as admitted.
    R"sql(
ALTER TABLE peer_taps ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
UPDATE peer_taps SET moved = 1
  WHERE json_extract(body, '$.decision') = 'admit' OR json_extract(body, '$.kind') IS 'undo';
CREATE INDEX peer_movements ON peer_taps(pass_template, pass_id, moved, at);
DROP INDEX peer_taps_by_pass;
)sql",
};

constexpr int kBusyTimeoutMs = 100;
/// A whole check reads every page: some 20 ms up to here. A larger file is
/// probed at the ends of each tree instead, so that starting stays short; what
/// lies between is checked when it is read.
constexpr std::int64_t kWholeCheckBytes = std::int64_t{8} << 20;

std::int64_t number(SQLite::Database& database, const char* query) {
  SQLite::Statement statement(database, query);
  return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

std::string text(SQLite::Database& database, const char* query) {
  SQLite::Statement statement(database, query);
  return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
}

/// SQLite would make the file by itself, but with the umask's mode, and without
/// making sure that its name outlives a power cut.
Status create_if_absent(const std::filesystem::path& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0 && errno == EEXIST) return {};
  if (made < 0) {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    return fail(full ? Errc::storage_full : Errc::storage_unwritable, SQLITE_CANTOPEN);
  }
  ::close(made);
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int entry = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool kept = entry >= 0 && ::fsync(entry) == 0;
  if (entry >= 0) ::close(entry);
  if (!kept) return fail(Errc::storage_unwritable, SQLITE_IOERR_DIR_FSYNC);
  return {};
}

/// Nothing in here touches the file. Closing must not either while we do not
/// know whose it is: no checkpoint on close until the file is known to be ours.
void prepare_connection(SQLite::Database& database) {
  sqlite3* handle = database.getHandle();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  database.exec(
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
      "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON");  // a deleted pass id is gone
}

/// @return Version of the schema; 0 for a file that is still empty.
Result<std::size_t> identify(SQLite::Database& database) {
  const auto application = number(database, "PRAGMA application_id");
  const auto version = number(database, "PRAGMA user_version");
  const auto objects = number(database, "SELECT count(*) FROM sqlite_schema");
  if (application == 0 && version == 0 && objects == 0) return 0;
  if (application != kJournalApplicationId || version < 1) return fail(Errc::storage_corrupt);
  if (static_cast<std::size_t>(version) > kLadder.size()) {
    return fail(Errc::bad_version, static_cast<std::int32_t>(version));
  }
  return static_cast<std::size_t>(version);
}

void climb(SQLite::Database& database, std::size_t version) {
  if (version == kLadder.size()) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (std::size_t step = version; step < kLadder.size(); ++step) database.exec(kLadder[step]);
  database.exec("PRAGMA application_id=" + std::to_string(kJournalApplicationId));
  database.exec("PRAGMA user_version=" + std::to_string(kLadder.size()));
  transaction.commit();
}

Status look_for_damage(SQLite::Database& database) {
  const auto bytes = number(database, "PRAGMA page_count") * number(database, "PRAGMA page_size");
  if (bytes <= kWholeCheckBytes) {
    if (text(database, "PRAGMA quick_check(1)") == "ok") return {};
    return fail(Errc::storage_corrupt, SQLITE_CORRUPT);
  }
  for (const char* probe : {
           "SELECT sum(length(pass_id)) FROM (SELECT * FROM taps ORDER BY position DESC LIMIT 256)",
           "SELECT sum(length(tap_id)) FROM (SELECT * FROM taps ORDER BY position LIMIT 16)",
           "SELECT sum(position) FROM (SELECT * FROM taps ORDER BY tap_id DESC LIMIT 16)",
           "SELECT sum(position) FROM (SELECT position FROM taps"
           " ORDER BY pass_template DESC, pass_id DESC LIMIT 16)",
           "SELECT sum(position) FROM (SELECT position FROM taps"
           " ORDER BY pass_template, pass_id LIMIT 16)",
           "SELECT sum(use_no) FROM (SELECT * FROM uses ORDER BY template DESC LIMIT 16)",
           "SELECT sum(use_no) FROM (SELECT * FROM uses ORDER BY template LIMIT 16)",
           "SELECT sum(until) FROM (SELECT * FROM cryptograms ORDER BY until LIMIT 16)",
           "SELECT sum(value) FROM meta",
           "SELECT sum(length(tap_id)) FROM (SELECT tap_id FROM peer_taps ORDER BY tap_id LIMIT "
           "16)",
           "SELECT sum(inside) FROM presence",
       }) {
    number(database, probe);
  }
  return {};
}

Status settle(SQLite::Database& database, const Journal::Options& options) {
  const auto version = identify(database);
  if (!version) return std::unexpected(version.error());
  if (sqlite3_db_readonly(database.getHandle(), "main") != 0) {
    return fail(Errc::storage_unwritable, SQLITE_READONLY);
  }
  // EXTRA: the rollback journal of the creation must not come back after a
  // power cut, when taps are already in the WAL.
  set_synchronous(database, 3);
  climb(database, *version);
  if (text(database, "PRAGMA journal_mode=WAL") != "wal") {
    return fail(Errc::storage_unwritable, SQLITE_CANTOPEN);
  }
  // Checkpoints belong to idle moments (housekeep). Should these never come,
  // SQLite makes one at 64 MiB; the file then shrinks back to 4 MiB.
  database.exec("PRAGMA wal_autocheckpoint=16384; PRAGMA journal_size_limit=4194304");
  set_synchronous(database, options.synchronous);
  if (const auto sound = look_for_damage(database); !sound) return sound;
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  return {};
}

}  // namespace

void set_synchronous(SQLite::Database& database, int level) {
  database.exec("PRAGMA synchronous=" + std::to_string(level));
}

Result<SQLite::Database> open_journal_database(const Journal::Options& options) {
  if (const auto there = create_if_absent(options.path); !there) {
    return std::unexpected(there.error());
  }
  return storing([&]() -> Result<SQLite::Database> {
    // The journal's own mutex guards the connection.
    SQLite::Database database(options.path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                              kBusyTimeoutMs, options.vfs);
    prepare_connection(database);
    if (const auto ready = settle(database, options); !ready) {
      return std::unexpected(ready.error());
    }
    return database;
  });
}

}  // namespace passgate::gate
