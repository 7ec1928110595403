// SPDX-License-Identifier: Apache-2.0
#include "sync/store/passes_store.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "sync/store/database.h"

namespace passgate::sync {

namespace {

constexpr const char* kSchema = R"(
CREATE TABLE passes(provider TEXT, template TEXT, join_value TEXT, state TEXT NOT NULL,
  valid_from INTEGER, valid_until INTEGER, sweep INTEGER NOT NULL,
  PRIMARY KEY(provider, template, join_value)) WITHOUT ROWID;
CREATE TABLE sweeps(provider TEXT, template TEXT, sweep INTEGER NOT NULL,
  completed_at INTEGER, PRIMARY KEY(provider, template)) WITHOUT ROWID;
)";

constexpr std::size_t kRowsPerTransaction = 4000;

void bind_time(SQLite::Statement& statement, int index, const std::optional<WallTime>& time) {
  if (time) {
    statement.bind(index, to_ms(*time));
  } else {
    statement.bind(index);
  }
}

}  // namespace

struct PassesStore::Store {
  explicit Store(std::unique_ptr<SQLite::Database> opened) : db(std::move(opened)) {}

  std::mutex mutex;
  std::unique_ptr<SQLite::Database> db;

  void upsert(const std::string& provider, const std::string& pass_template, std::int64_t sweep,
              std::span<const MirrorRow> rows);
};

PassesStore::PassesStore(std::unique_ptr<Store> store) noexcept : store_(std::move(store)) {}
PassesStore::PassesStore(PassesStore&&) noexcept = default;
PassesStore& PassesStore::operator=(PassesStore&&) noexcept = default;
PassesStore::~PassesStore() = default;

Result<PassesStore> PassesStore::open(const std::filesystem::path& path) {
  auto db = open_database(
      {.path = path, .mode = 0640, .sync_every_commit = false, .schema = kSchema, .upgrades = {}});
  if (!db) return std::unexpected(db.error());
  // Keys come in no order: with the upper pages of the tree in memory a million
  // passes are stored without reading the file over and over.
  (*db)->exec("PRAGMA cache_size=-65536;");
  return PassesStore(std::make_unique<Store>(std::move(*db)));
}

Result<std::int64_t> PassesStore::begin_sweep(std::string_view provider,
                                              std::string_view pass_template) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::int64_t> {
    SQLite::Statement statement(*store_->db,
                                "INSERT INTO sweeps(provider, template, sweep) VALUES(?,?,1) "
                                "ON CONFLICT DO UPDATE SET sweep = sweep + 1 RETURNING sweep");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_template));
    std::int64_t sweep = 0;
    while (statement.executeStep()) sweep = statement.getColumn(0).getInt64();
    return sweep;
  });
}

void PassesStore::Store::upsert(const std::string& provider, const std::string& pass_template,
                                std::int64_t sweep, std::span<const MirrorRow> rows) {
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  SQLite::Statement statement(
      *db,
      "INSERT INTO passes(provider, template, join_value, state, valid_from, valid_until, sweep) "
      "VALUES(?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET state = excluded.state, "
      "valid_from = excluded.valid_from, valid_until = excluded.valid_until, "
      "sweep = excluded.sweep");
  statement.bindNoCopy(1, provider);
  statement.bindNoCopy(2, pass_template);
  statement.bind(7, sweep);
  for (const auto& row : rows) {
    const std::string state(gate::name(row.state));
    statement.bindNoCopy(3, row.join_value);
    statement.bindNoCopy(4, state);
    bind_time(statement, 5, row.valid_from);
    bind_time(statement, 6, row.valid_until);
    statement.exec();
    statement.reset();
  }
  transaction.commit();
}

Status PassesStore::add(std::string_view provider, std::string_view pass_template,
                        std::int64_t sweep, std::span<const MirrorRow> rows) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Status {
    while (!rows.empty()) {
      const auto batch = rows.first(std::min(rows.size(), kRowsPerTransaction));
      store_->upsert(std::string(provider), std::string(pass_template), sweep, batch);
      rows = rows.subspan(batch.size());
    }
    return {};
  });
}

Status PassesStore::complete(std::string_view provider, std::string_view pass_template,
                             std::int64_t sweep, std::size_t distinct, WallTime at) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Status {
    auto& db = *store_->db;
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    const auto bound = [&](SQLite::Statement& statement) -> SQLite::Statement& {
      statement.bind(1, std::string(provider));
      statement.bind(2, std::string(pass_template));
      statement.bind(3, sweep);
      return statement;
    };
    SQLite::Statement seen(
        db, "SELECT count(*) FROM passes WHERE provider=? AND template=? AND sweep=?");
    if (!bound(seen).executeStep() || seen.getColumn(0).getInt64() < 0 ||
        static_cast<std::size_t>(seen.getColumn(0).getInt64()) < distinct) {
      return fail(Errc::out_of_sequence);
    }
    SQLite::Statement note(
        db, "UPDATE sweeps SET completed_at=?4 WHERE provider=?1 AND template=?2 AND sweep=?3");
    bound(note).bind(4, to_ms(at));
    if (note.exec() != 1) return fail(Errc::out_of_sequence);
    // Listed once and gone from a complete list: destroyed, which is how clouds
    // without a "voided" status void. The row stays, so that the gate can say so.
    SQLite::Statement unseen(
        db,
        "UPDATE passes SET state='voided' WHERE provider=? AND template=? AND sweep<>? "
        "AND state<>'voided'");
    bound(unseen).exec();
    transaction.commit();
    return {};
  });
}

Result<std::optional<WallTime>> PassesStore::completed_at(std::string_view provider,
                                                          std::string_view pass_template) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<WallTime>> {
    SQLite::Statement statement(*store_->db,
                                "SELECT completed_at FROM sweeps WHERE provider=? AND template=?");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_template));
    if (!statement.executeStep() || statement.getColumn(0).isNull()) return std::nullopt;
    return from_ms(statement.getColumn(0).getInt64());
  });
}

}  // namespace passgate::sync
