// SPDX-License-Identifier: Apache-2.0
#include "gate/pass_mirror.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <utility>

#include "gate/sqlite_error.h"

namespace passgate::gate {
namespace {

constexpr std::array<std::pair<PassState, std::string_view>, 6> kStates{{
    {PassState::valid, "valid"},
    {PassState::redeemed, "redeemed"},
    {PassState::voided, "voided"},
    {PassState::expired, "expired"},
    {PassState::not_yet_valid, "not_yet_valid"},
    {PassState::unknown, "unknown"},
}};

// Version 2 only adds columns that are the writer's own.
constexpr int kOldestSchema = 1;
constexpr int kNewestSchema = 2;
constexpr int kWriterPatienceMs = 50;
// The file belongs to a process with a network: a schema made to run long or to
// answer much must not stop the gate. A look-up takes well under 200 steps.
constexpr int kStepsPerTick = 1000;
constexpr int kMaxTicks = 10;
constexpr int kMaxBytes = 64 * 1024;

constexpr const char* kLookUp =
    "SELECT (SELECT completed_at FROM sweeps WHERE provider = ?1 AND template = ?2),"
    " p.state, p.valid_from, p.valid_until"
    " FROM (SELECT 1) LEFT JOIN passes p"
    " ON p.provider = ?1 AND p.template = ?2 AND p.join_value = ?3";

/// Which file a path names now.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

std::optional<FileIdentity> identity_of(const std::filesystem::path& path) noexcept {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

/// `file:` with everything escaped that has a meaning in a URI.
std::string read_only_uri(const std::filesystem::path& path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
    } else {
      uri += c;
    }
  }
  return uri + "?mode=ro";
}

std::optional<WallTime> optional_time(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return WallTime(Milliseconds(column.getInt64()));
}

/// SQLite counts the steps of a statement over all its runs, so one tick alone
/// says nothing: only many within one look-up do.
int count_tick(void* ticks) {
  return ++*static_cast<int*>(ticks) > kMaxTicks ? 1 : 0;
}

SQLite::Database open_guarded(const std::filesystem::path& path) {
  SQLite::Database database(read_only_uri(path),
                            SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX,
                            kWriterPatienceMs);
  sqlite3* handle = database.getHandle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMaxBytes);
  database.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0");
  return database;
}

}  // namespace

std::string_view name(PassState state) noexcept {
  for (const auto& [value, text] : kStates) {
    if (value == state) return text;
  }
  return "unlisted";
}

std::optional<PassState> pass_state_from(std::string_view text) noexcept {
  for (const auto& [value, known] : kStates) {
    if (known == text) return value;
  }
  return std::nullopt;
}

struct PassMirror::Store {
  Store(const std::filesystem::path& path, FileIdentity opened)
      : identity(opened), database(open_guarded(path)), find(database, kLookUp) {
    sqlite3_progress_handler(database.getHandle(), kStepsPerTick, count_tick, &ticks);
  }

  bool is_readable() {
    SQLite::Statement version(database, "PRAGMA user_version");
    if (!version.executeStep()) return false;
    const int found = version.getColumn(0).getInt();
    return found >= kOldestSchema && found <= kNewestSchema;
  }

  FileIdentity identity;
  int ticks = 0;  ///< Of the running look-up.
  SQLite::Database database;
  SQLite::Statement find;
};

PassMirror::PassMirror(std::filesystem::path passes_db) : path_(std::move(passes_db)) {}
PassMirror::PassMirror(PassMirror&&) noexcept = default;
PassMirror& PassMirror::operator=(PassMirror&&) noexcept = default;
PassMirror::~PassMirror() = default;

Belief PassMirror::look_up(std::string_view provider, std::string_view pass_template,
                           std::string_view join_value) {
  const auto identity = identity_of(path_);
  // An open file keeps its inode number from being given again, so a new file
  // under the name is always seen.
  if (!identity || (store_ && store_->identity != *identity)) store_.reset();
  if (!identity) return {};
  const auto belief = storing([&]() -> Result<Belief> {
    if (!store_) {
      auto opened = std::make_unique<Store>(path_, *identity);
      if (!opened->is_readable()) return fail(Errc::bad_version);
      store_ = std::move(opened);
    }
    store_->ticks = 0;
    const Bound find(store_->find);
    find->bind(1, std::string(provider));
    find->bind(2, std::string(pass_template));
    find->bind(3, std::string(join_value));
    if (!find->executeStep()) return fail(Errc::storage_corrupt);
    Belief found;
    found.swept_at = optional_time(find->getColumn(0));
    if (find->getColumn(1).isNull()) {
      // Before the first complete sweep "not there" means nothing.
      found.knowledge =
          found.swept_at ? Belief::Knowledge::not_listed : Belief::Knowledge::no_mirror;
      return found;
    }
    found.knowledge = Belief::Knowledge::listed;
    found.state = pass_state_from(find->getColumn(1).getString()).value_or(PassState::unknown);
    found.valid_from = optional_time(find->getColumn(2));
    found.valid_until = optional_time(find->getColumn(3));
    return found;
  });
  if (belief) return *belief;
  // A lock passes; anything else may be the file's fault, so open it anew.
  if (belief.error().code() != Errc::storage_busy) store_.reset();
  return {};
}

}  // namespace passgate::gate
