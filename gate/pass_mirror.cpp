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

// Version 2 only adds columns that are the writer's own, 3 adds revocations.
constexpr int kOldestSchema = 1;
constexpr int kNewestSchema = 3;
constexpr int kFirstWithRevocations = 3;
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
  /// The writer may bring the open file to this version at any time.
  bool has_revocations() {
    SQLite::Statement version(database, "PRAGMA user_version");
    return version.executeStep() && version.getColumn(0).getInt() >= kFirstWithRevocations;
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

Result<PassMirror::Store*> PassMirror::opened() {
  const auto identity = identity_of(path_);
  // An open file keeps its inode number from being given again, so a new file
  // under the name is always seen.
  if (!identity || (store_ && store_->identity != *identity)) store_.reset();
  if (!identity) return fail(Errc::storage_unwritable);
  if (!store_) {
    auto opened = std::make_unique<Store>(path_, *identity);
    if (!opened->is_readable()) return fail(Errc::bad_version);
    store_ = std::move(opened);
  }
  store_->ticks = 0;
  return store_.get();
}

template <class Work>
auto PassMirror::reading(Work&& work) -> decltype(work(std::declval<Store&>())) {
  auto result = storing([&]() -> decltype(work(std::declval<Store&>())) {
    const auto store = opened();
    if (!store) return std::unexpected(store.error());
    return work(**store);
  });
  // A lock passes; anything else may be the file's fault, so open it anew.
  if (!result && result.error().code() != Errc::storage_busy) store_.reset();
  return result;
}

Belief PassMirror::look_up(std::string_view provider, std::string_view pass_template,
                           std::string_view join_value) {
  const auto belief = reading([&](Store& store) -> Result<Belief> {
    const Bound find(store.find);
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
  return belief.value_or(Belief{});
}

std::optional<Revocation> PassMirror::revocation(std::string_view provider,
                                                 std::string_view pass_template,
                                                 std::string_view join_value) {
  return reading([&](Store& store) -> Result<std::optional<Revocation>> {
           if (!store.has_revocations()) return std::nullopt;
           SQLite::Statement find(store.database,
                                  "SELECT earliest, latest FROM revocations WHERE provider = ?1"
                                  " AND template = ?2 AND join_value = ?3");
           find.bind(1, std::string(provider));
           find.bind(2, std::string(pass_template));
           find.bind(3, std::string(join_value));
           if (!find.executeStep()) return std::nullopt;
           return Revocation{WallTime(Milliseconds(find.getColumn(0).getInt64())),
                             WallTime(Milliseconds(find.getColumn(1).getInt64()))};
         })
      .value_or(std::nullopt);
}

std::vector<PassMirror::Revoked> PassMirror::revoked_after(std::int64_t no) {
  return reading([&](Store& store) -> Result<std::vector<Revoked>> {
           std::vector<Revoked> revoked;
           if (!store.has_revocations()) return revoked;
           SQLite::Statement select(store.database,
                                    "SELECT no, provider, template, join_value FROM revocations"
                                    " WHERE no > ?1 ORDER BY no LIMIT ?2");
           select.bind(1, no);
           select.bind(2, static_cast<std::int64_t>(kRevokedAtOnce));
           while (select.executeStep()) {
             revoked.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getString(),
                                select.getColumn(2).getString(), select.getColumn(3).getString()});
           }
           return revoked;
         })
      .value_or(std::vector<Revoked>());
}

std::int64_t PassMirror::last_revocation() {
  return reading([&](Store& store) -> Result<std::int64_t> {
           if (!store.has_revocations()) return 0;
           SQLite::Statement last(store.database, "SELECT max(no) FROM revocations");
           return last.executeStep() ? last.getColumn(0).getInt64() : 0;
         })
      .value_or(0);
}

}  // namespace passgate::gate
