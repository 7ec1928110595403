// SPDX-License-Identifier: Apache-2.0
#include "sync/store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace passgate::sync {

namespace {

constexpr int kBusyMs = 5000;

/// SQLite makes a new file with 0644 less the umask and gives -wal and -shm the
/// mode of the database: so the file is made here, with the mode it shall have.
Status create_with_mode(const std::filesystem::path& path, mode_t mode) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return fail(errno == ENOSPC ? Errc::storage_full : Errc::storage_unwritable, errno);
  const int failed = ::fchmod(fd, mode) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return fail(Errc::storage_unwritable, failed);
  return {};
}

void set_pragmas(SQLite::Database& db, bool sync_every_commit) {
  db.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;");
  db.exec("PRAGMA journal_mode=WAL;");
  db.exec(sync_every_commit ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;");
  db.exec("PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=16777216;");
  int on = 1;
  sqlite3_file_control(db.getHandle(), "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

/// Each step in a transaction of its own: an upgrade that is cut off goes on
/// where it was.
void step(SQLite::Database& db, const char* statements, int to_version) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  db.exec(statements);
  db.exec(fmt::format("PRAGMA user_version={}", to_version));
  transaction.commit();
}

Status set_up_schema(SQLite::Database& db, const DatabaseOptions& options) {
  int version = db.execAndGet("PRAGMA user_version").getInt();
  const int newest = 1 + static_cast<int>(options.upgrades.size());
  if (version < 0 || version > newest) return fail(Errc::bad_version, version);
  if (version == 0) {
    if (db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() != 0) {
      return fail(Errc::storage_corrupt);  // Somebody else's database.
    }
    step(db, options.schema, ++version);
  }
  for (; version < newest; ++version) {
    step(db, options.upgrades[static_cast<std::size_t>(version) - 1], version + 1);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SQLite::Database>> open_database(const DatabaseOptions& options) {
  if (auto made = create_with_mode(options.path, options.mode); !made) {
    return std::unexpected(made.error());
  }
  using Opened = Result<std::unique_ptr<SQLite::Database>>;
  return gate::storing([&]() -> Opened {
    auto db = std::make_unique<SQLite::Database>(
        options.path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyMs);
    set_pragmas(*db, options.sync_every_commit);
    if (auto ok = set_up_schema(*db, options); !ok) return std::unexpected(ok.error());
    return db;
  });
}

}  // namespace passgate::sync
