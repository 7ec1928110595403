// SPDX-License-Identifier: Apache-2.0
#include "sync/store/passes_store.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "sync/store/database.h"

namespace passgate::sync {

namespace {

constexpr const char* kPassesSchema = R"(
CREATE TABLE passes(provider TEXT, template TEXT, join_value TEXT, state TEXT NOT NULL,
  valid_from INTEGER, valid_until INTEGER, sweep INTEGER NOT NULL,
  PRIMARY KEY(provider, template, join_value)) WITHOUT ROWID;
CREATE TABLE sweeps(provider TEXT, template TEXT, sweep INTEGER NOT NULL,
  completed_at INTEGER, PRIMARY KEY(provider, template)) WITHOUT ROWID;
)";

// Version 2: what the provider calls a pass, and where a sweep stands. Version 3:
// when a pass was taken back. The gate reads any version.
constexpr std::array<const char*, 2> kPassesUpgrades = {R"(
ALTER TABLE passes ADD COLUMN provider_id TEXT;
CREATE INDEX passes_provider_id ON passes(provider, provider_id) WHERE provider_id IS NOT NULL;
ALTER TABLE sweeps ADD COLUMN checkpoint TEXT NOT NULL DEFAULT '';
ALTER TABLE sweeps ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN since TEXT NOT NULL DEFAULT '';
ALTER TABLE sweeps ADD COLUMN full_at INTEGER;
)",
                                                        R"(
ALTER TABLE passes ADD COLUMN seen_at INTEGER;
ALTER TABLE sweeps ADD COLUMN fresh_at INTEGER;
CREATE TABLE revocations(no INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL,
  template TEXT NOT NULL, join_value TEXT NOT NULL, earliest INTEGER NOT NULL,
  latest INTEGER NOT NULL, UNIQUE(provider, template, join_value));
)"};

// ?1 provider, ?2 template, ?3 until when it was found out. Seen valid when it was
// last listed, or when the list of changes did not have it; what never was has no
// revocation that could be timed.
constexpr std::string_view kRevoke =
    "INSERT OR REPLACE INTO revocations(provider, template, join_value, earliest, latest) "
    "SELECT p.provider, p.template, p.join_value, min(?3, max(coalesce(p.seen_at, s.fresh_at), "
    "coalesce(s.fresh_at, p.seen_at))), ?3 FROM passes p LEFT JOIN sweeps s ON s.provider=?1 AND "
    "s.template=?2 WHERE p.provider=?1 AND p.template=?2 AND p.state<>'voided' AND "
    "coalesce(p.seen_at, s.fresh_at) IS NOT NULL AND ";

constexpr std::size_t kRowsPerTransaction = 4000;

std::optional<WallTime> time_in(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return from_ms(column.getInt64());
}

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
              std::span<const MirrorRow> rows, const std::optional<Look>& look);
  /// Keeps when the rows that `which` names were taken back, before they are voided.
  template <class Bind>
  void revoke(std::string_view which, std::string_view provider, std::string_view pass_template,
              const std::optional<Look>& look, Bind&& bind) {
    if (!look) return;
    run((std::string(kRevoke) + std::string(which)).c_str(), provider, pass_template,
        [&](SQLite::Statement& statement) {
          statement.bind(3, to_ms(look->until));
          bind(statement);
        });
  }
  /// Runs `sql` with the provider and the template as ?1 and ?2.
  /// @param bind  Binds the rest. @return Rows changed.
  template <class Bind>
  int run(const char* sql, std::string_view provider, std::string_view pass_template, Bind&& bind) {
    SQLite::Statement statement(*db, sql);
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_template));
    bind(statement);
    return statement.exec();
  }
};

PassesStore::PassesStore(std::unique_ptr<Store> store) noexcept : store_(std::move(store)) {}
PassesStore::PassesStore(PassesStore&&) noexcept = default;
PassesStore& PassesStore::operator=(PassesStore&&) noexcept = default;
PassesStore::~PassesStore() = default;

Result<PassesStore> PassesStore::open(const std::filesystem::path& path) {
  auto db = open_database({.path = path,
                           .mode = 0640,
                           .sync_every_commit = false,
                           .schema = kPassesSchema,
                           .upgrades = kPassesUpgrades});
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
                                "ON CONFLICT DO UPDATE SET sweep = sweep + 1, checkpoint = '', "
                                "seen = 0 RETURNING sweep");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_template));
    std::int64_t sweep = 0;
    while (statement.executeStep()) sweep = statement.getColumn(0).getInt64();
    return sweep;
  });
}

void PassesStore::Store::upsert(const std::string& provider, const std::string& pass_template,
                                std::int64_t sweep, std::span<const MirrorRow> rows,
                                const std::optional<Look>& look) {
  SQLite::Statement statement(
      *db,
      "INSERT INTO passes(provider, template, join_value, state, valid_from, valid_until, sweep, "
      "provider_id, seen_at) VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
      "state = excluded.state, valid_from = excluded.valid_from, "
      "valid_until = excluded.valid_until, sweep = excluded.sweep, "
      "provider_id = excluded.provider_id, seen_at = coalesce(excluded.seen_at, seen_at)");
  SQLite::Statement revoke(*db, std::string(kRevoke) + "p.join_value=?4");
  SQLite::Statement restore(
      *db, "DELETE FROM revocations WHERE provider=?1 AND template=?2 AND join_value=?3");
  for (auto* const each : {&statement, &revoke, &restore}) {
    each->bindNoCopy(1, provider);
    each->bindNoCopy(2, pass_template);
  }
  statement.bind(7, sweep);
  if (look) revoke.bind(3, to_ms(look->until));
  SQLite::Statement any(*db, "SELECT EXISTS(SELECT 1 FROM revocations)");
  const bool restoring = any.executeStep() && any.getColumn(0).getInt() != 0;
  for (const auto& row : rows) {
    const std::string state(gate::name(row.state));
    const bool voided = row.state == gate::PassState::voided;
    if (voided && look) {
      revoke.bindNoCopy(4, row.join_value);
      revoke.exec();
      revoke.reset();
    } else if (!voided && restoring) {
      restore.bindNoCopy(3, row.join_value);
      restore.exec();
      restore.reset();
    }
    statement.bindNoCopy(3, row.join_value);
    statement.bindNoCopy(4, state);
    bind_time(statement, 5, row.valid_from);
    bind_time(statement, 6, row.valid_until);
    // Where both are one, the index need not hold it.
    if (row.provider_id.empty() || row.provider_id == row.join_value) {
      statement.bind(8);
    } else {
      statement.bindNoCopy(8, row.provider_id);
    }
    bind_time(statement, 9, look ? std::optional(look->from) : std::nullopt);
    statement.exec();
    statement.reset();
  }
}

Status PassesStore::add(std::string_view provider, std::string_view pass_template,
                        std::int64_t sweep, std::span<const MirrorRow> rows,
                        std::string_view checkpoint, const std::optional<Look>& look) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Status {
    do {
      const auto batch = rows.first(std::min(rows.size(), kRowsPerTransaction));
      rows = rows.subspan(batch.size());
      SQLite::Transaction transaction(*store_->db, SQLite::TransactionBehavior::IMMEDIATE);
      store_->upsert(std::string(provider), std::string(pass_template), sweep, batch, look);
      store_->run(
          "UPDATE sweeps SET seen = seen + ?4, checkpoint = CASE WHEN ?5 THEN ?6 ELSE checkpoint "
          "END WHERE provider=?1 AND template=?2 AND sweep=?3",
          provider, pass_template, [&](SQLite::Statement& statement) {
            statement.bind(3, sweep);
            statement.bind(4, static_cast<std::int64_t>(batch.size()));
            statement.bind(5, rows.empty() ? 1 : 0);
            statement.bind(6, std::string(checkpoint));
          });
      transaction.commit();
    } while (!rows.empty());
    return {};
  });
}

Status PassesStore::complete(std::string_view provider, std::string_view pass_template,
                             std::int64_t sweep, std::size_t distinct, WallTime at,
                             std::string_view since, const std::optional<Look>& look) {
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
    SQLite::Statement note(db,
                           "UPDATE sweeps SET completed_at=?4, full_at=?4, since=?5, checkpoint='' "
                           "WHERE provider=?1 AND template=?2 AND sweep=?3");
    bound(note).bind(4, to_ms(at));
    note.bind(5, std::string(since));
    if (note.exec() != 1) return fail(Errc::out_of_sequence);
    store_->revoke("p.sweep<>?4", provider, pass_template, look,
                   [&](SQLite::Statement& statement) { statement.bind(4, sweep); });
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

Status PassesStore::refreshed(std::string_view provider, std::string_view pass_template,
                              WallTime at, std::string_view since,
                              const std::optional<Look>& began) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Status {
    store_->run(
        "UPDATE sweeps SET completed_at=?3, since=?4, fresh_at=coalesce(?5, fresh_at) "
        "WHERE provider=?1 AND template=?2",
        provider, pass_template, [&](SQLite::Statement& statement) {
          statement.bind(3, to_ms(at));
          statement.bind(4, std::string(since));
          bind_time(statement, 5, began ? std::optional(began->from) : std::nullopt);
        });
    return {};
  });
}

Status PassesStore::forget_place(std::string_view provider, std::string_view pass_template) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Status {
    store_->run("UPDATE sweeps SET since='', checkpoint='' WHERE provider=?1 AND template=?2",
                provider, pass_template, [](SQLite::Statement&) {});
    return {};
  });
}

Status PassesStore::put(std::string_view provider, std::string_view pass_template,
                        const MirrorRow& row, const std::optional<Look>& look) {
  const auto known = history(provider, pass_template);
  if (!known) return std::unexpected(known.error());
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Status {
    SQLite::Transaction transaction(*store_->db, SQLite::TransactionBehavior::IMMEDIATE);
    store_->upsert(std::string(provider), std::string(pass_template), known->last.number, {&row, 1},
                   look);
    transaction.commit();
    return {};
  });
}

Result<bool> PassesStore::call_voided(std::string_view provider, std::string_view pass_template,
                                      std::string_view join_value,
                                      const std::optional<Look>& look) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<bool> {
    SQLite::Transaction transaction(*store_->db, SQLite::TransactionBehavior::IMMEDIATE);
    store_->revoke(
        "p.join_value=?4", provider, pass_template, look,
        [&](SQLite::Statement& statement) { statement.bind(4, std::string(join_value)); });
    const int changed = store_->run(
        "UPDATE passes SET state='voided' WHERE provider=?1 AND template=?2 AND join_value=?3",
        provider, pass_template,
        [&](SQLite::Statement& statement) { statement.bind(3, std::string(join_value)); });
    transaction.commit();
    return changed == 1;
  });
}

Result<std::optional<std::string>> PassesStore::provider_id(std::string_view provider,
                                                            std::string_view pass_template,
                                                            std::string_view join_value) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<std::string>> {
    SQLite::Statement statement(*store_->db,
                                "SELECT coalesce(provider_id, join_value) FROM passes WHERE "
                                "provider=? AND template=? AND join_value=?");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_template));
    statement.bind(3, std::string(join_value));
    if (!statement.executeStep()) return std::nullopt;
    return statement.getColumn(0).getString();
  });
}

Result<std::optional<PassesStore::Place>> PassesStore::find_by_provider_id(
    std::string_view provider, std::string_view provider_id) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<Place>> {
    SQLite::Statement statement(*store_->db,
                                "SELECT template, join_value FROM passes WHERE provider=? AND "
                                "provider_id=? LIMIT 1");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(provider_id));
    if (!statement.executeStep()) return std::nullopt;
    return Place{statement.getColumn(0).getString(), statement.getColumn(1).getString()};
  });
}

Result<PassesStore::SweepHistory> PassesStore::history(std::string_view provider,
                                                       std::string_view pass_template) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<SweepHistory> {
    SQLite::Statement statement(*store_->db,
                                "SELECT completed_at, full_at, since, sweep, checkpoint, seen "
                                "FROM sweeps WHERE provider=? AND template=?");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_template));
    if (!statement.executeStep()) return SweepHistory{};
    return SweepHistory{.completed_at = time_in(statement.getColumn(0)),
                        .full_at = time_in(statement.getColumn(1)),
                        .since = statement.getColumn(2).getString(),
                        .last = {.number = statement.getColumn(3).getInt64(),
                                 .checkpoint = statement.getColumn(4).getString(),
                                 .rows = statement.getColumn(5).getUInt()}};
  });
}

Result<std::optional<WallTime>> PassesStore::completed_at(std::string_view provider,
                                                          std::string_view pass_template) {
  const auto known = history(provider, pass_template);
  if (!known) return std::unexpected(known.error());
  return known->completed_at;
}

}  // namespace passgate::sync
