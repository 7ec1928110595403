// SPDX-License-Identifier: Apache-2.0
#include "sync/store/outbox.h"

#include <mutex>

#include "sync/store/database.h"

namespace passgate::sync {

namespace {

// state: 0 waiting behind an earlier job of its pass, 1 queued, 2 done,
// 3 terminal, 4 dead. At most one job of a pass is queued at a destination.
constexpr const char* kSchema = R"(
CREATE TABLE cursor(id INTEGER PRIMARY KEY CHECK(id = 0), position INTEGER NOT NULL);
INSERT INTO cursor VALUES(0, 0);
CREATE TABLE jobs(id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL, destination TEXT NOT NULL, pass_key TEXT NOT NULL,
  event_id TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
  state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL,
  last_error TEXT, created_at INTEGER NOT NULL, finished_at INTEGER,
  UNIQUE(kind, destination, event_id));
CREATE INDEX jobs_due ON jobs(kind, destination, next_at, id) WHERE state = 1;
CREATE INDEX jobs_open ON jobs(kind, destination, pass_key, id) WHERE state < 2;
CREATE INDEX jobs_undelivered ON jobs(kind, destination, state, created_at) WHERE state <> 2;
CREATE INDEX jobs_delivered ON jobs(finished_at) WHERE state = 2;
CREATE TABLE attempts(job INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
  took_ms INTEGER NOT NULL, status INTEGER, error TEXT NOT NULL,
  PRIMARY KEY(job, number)) WITHOUT ROWID;
)";

constexpr unsigned kAttemptsKept = 100;

int state_of(JobEnd end) noexcept {
  switch (end) {
    case JobEnd::done: return 2;
    case JobEnd::terminal: return 3;
    case JobEnd::dead: return 4;
  }
  return 4;
}

void bind_destination(SQLite::Statement& statement, const Destination& to) {
  statement.bind(1, static_cast<int>(to.kind));
  statement.bind(2, to.name);
}

}  // namespace

struct Outbox::Store {
  explicit Store(std::unique_ptr<SQLite::Database> opened) : db(std::move(opened)) {}

  std::mutex mutex;
  std::unique_ptr<SQLite::Database> db;

  void insert(const NewJob& job, WallTime created, WallTime due);
  void record(const Job& job, const Attempt& attempt);
  /// Under the lock, in one BEGIN IMMEDIATE transaction.
  template <class F>
  Status change(F&& body) {
    const std::lock_guard lock(mutex);
    return gate::storing([&]() -> Status {
      SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
      body();
      transaction.commit();
      return {};
    });
  }
};

Outbox::Outbox(std::unique_ptr<Store> store) noexcept : store_(std::move(store)) {}
Outbox::Outbox(Outbox&&) noexcept = default;
Outbox& Outbox::operator=(Outbox&&) noexcept = default;
Outbox::~Outbox() = default;

Result<Outbox> Outbox::open(const std::filesystem::path& path) {
  auto db = open_database(
      {.path = path, .mode = 0600, .sync_every_commit = true, .schema = kSchema, .version = 1});
  if (!db) return std::unexpected(db.error());
  return Outbox(std::make_unique<Store>(std::move(*db)));
}

Result<std::uint64_t> Outbox::cursor() {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::uint64_t> {
    return static_cast<std::uint64_t>(
        store_->db->execAndGet("SELECT position FROM cursor").getInt64());
  });
}

Status Outbox::rewind() {
  return store_->change([&] { store_->db->exec("UPDATE cursor SET position = 0"); });
}

void Outbox::Store::insert(const NewJob& job, WallTime created, WallTime due) {
  SQLite::Statement statement(
      *db,
      "INSERT INTO jobs(kind, destination, pass_key, event_id, position, body, next_at, "
      "created_at, state) VALUES(?1,?2,?3,?4,?5,?6,?7,?8, NOT EXISTS(SELECT 1 FROM jobs WHERE "
      "kind=?1 AND destination=?2 AND pass_key=?3 AND state < 2)) "
      "ON CONFLICT(kind, destination, event_id) DO NOTHING");
  bind_destination(statement, job.to);
  statement.bind(3, job.pass_key);
  statement.bind(4, job.event_id);
  statement.bind(5, static_cast<std::int64_t>(job.position));
  statement.bind(6, job.body);
  statement.bind(7, to_ms(due));
  statement.bind(8, to_ms(created));
  statement.exec();
}

Status Outbox::store(std::span<const NewJob> jobs, std::uint64_t new_cursor, WallTime created,
                     WallTime due) {
  return store_->change([&] {
    SQLite::Statement advance(*store_->db, "UPDATE cursor SET position=?1 WHERE position < ?1");
    advance.bind(1, static_cast<std::int64_t>(new_cursor));
    if (advance.exec() == 0) return;
    for (const auto& job : jobs) store_->insert(job, created, due);
  });
}

Result<std::optional<Job>> Outbox::next_due(const Destination& to, WallTime now) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<Job>> {
    SQLite::Statement statement(
        *store_->db,
        "SELECT id, event_id, body, attempts FROM jobs WHERE kind=? AND destination=? AND "
        "state = 1 AND next_at <= ? ORDER BY next_at, id LIMIT 1");
    bind_destination(statement, to);
    statement.bind(3, to_ms(now));
    if (!statement.executeStep()) return std::nullopt;
    return Job{.id = statement.getColumn(0).getInt64(),
               .event_id = statement.getColumn(1).getString(),
               .body = statement.getColumn(2).getString(),
               .attempts = statement.getColumn(3).getUInt()};
  });
}

Result<std::optional<WallTime>> Outbox::next_time(const Destination& to) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<WallTime>> {
    SQLite::Statement statement(*store_->db,
                                "SELECT next_at FROM jobs WHERE kind=? AND destination=? AND "
                                "state = 1 ORDER BY next_at LIMIT 1");
    bind_destination(statement, to);
    if (!statement.executeStep()) return std::nullopt;
    return from_ms(statement.getColumn(0).getInt64());
  });
}

void Outbox::Store::record(const Job& job, const Attempt& attempt) {
  const unsigned number = job.attempts + 1;
  SQLite::Statement insert(*db, "INSERT OR REPLACE INTO attempts VALUES(?,?,?,?,?,?)");
  insert.bind(1, job.id);
  insert.bind(2, number);
  insert.bind(3, to_ms(attempt.at));
  insert.bind(4, static_cast<std::int64_t>(attempt.took.count()));
  if (attempt.status) {
    insert.bind(5, *attempt.status);
  } else {
    insert.bind(5);
  }
  insert.bind(6, attempt.error);
  insert.exec();
  if (number <= kAttemptsKept) return;
  SQLite::Statement trim(*db, "DELETE FROM attempts WHERE job=? AND number<=?");
  trim.bind(1, job.id);
  trim.bind(2, number - kAttemptsKept);
  trim.exec();
}

Status Outbox::postpone(const Job& job, WallTime next_at, const Attempt& attempt) {
  return store_->change([&] {
    store_->record(job, attempt);
    SQLite::Statement statement(
        *store_->db,
        "UPDATE jobs SET attempts=?2, next_at=?3, last_error=?4 WHERE id=?1 AND state = 1");
    statement.bind(1, job.id);
    statement.bind(2, job.attempts + 1);
    statement.bind(3, to_ms(next_at));
    statement.bind(4, attempt.error);
    statement.exec();
  });
}

Status Outbox::finish(const Job& job, JobEnd end, WallTime now, const Attempt& attempt) {
  return store_->change([&] {
    store_->record(job, attempt);
    SQLite::Statement statement(
        *store_->db,
        "UPDATE jobs SET state=?2, attempts=?3, finished_at=?4, last_error=?5 WHERE id=?1");
    statement.bind(1, job.id);
    statement.bind(2, state_of(end));
    statement.bind(3, job.attempts + 1);
    statement.bind(4, to_ms(attempt.at));
    statement.bind(5, attempt.error);
    statement.exec();
    // Ended in whatever way, it no longer holds up its pass.
    SQLite::Statement promote(
        *store_->db,
        "UPDATE jobs SET state=1, next_at=?2 WHERE id=(SELECT w.id FROM jobs e JOIN jobs w ON "
        "w.kind=e.kind AND w.destination=e.destination AND w.pass_key=e.pass_key AND w.state < 2 "
        "WHERE e.id=?1 ORDER BY w.id LIMIT 1)");
    promote.bind(1, job.id);
    promote.bind(2, to_ms(now));
    promote.exec();
  });
}

Status Outbox::bring_forward(const Destination& to, std::string_view error, WallTime now) {
  return store_->change([&] {
    SQLite::Statement statement(
        *store_->db,
        "UPDATE jobs SET next_at=?4 WHERE kind=?1 AND destination=?2 AND state = 1 AND "
        "next_at > ?4 AND last_error=?3");
    bind_destination(statement, to);
    statement.bind(3, std::string(error));
    statement.bind(4, to_ms(now));
    statement.exec();
  });
}

Status Outbox::forget_impossible_times(WallTime now, Milliseconds longest_pause) {
  return store_->change([&] {
    SQLite::Statement statement(*store_->db,
                                "UPDATE jobs SET next_at=?1 WHERE state = 1 AND next_at > ?2");
    statement.bind(1, to_ms(now));
    statement.bind(2, to_ms(now + longest_pause));
    statement.exec();
  });
}

Result<Backlog> Outbox::backlog(const Destination& to) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<Backlog> {
    SQLite::Statement statement(
        *store_->db,
        "SELECT state, count(*), min(created_at) FROM jobs WHERE kind=? AND destination=? AND "
        "state <> 2 GROUP BY state");
    bind_destination(statement, to);
    Backlog backlog;
    while (statement.executeStep()) {
      const auto count = static_cast<std::size_t>(statement.getColumn(1).getInt64());
      if (statement.getColumn(0).getInt() > 2) {
        backlog.failed += count;
        continue;
      }
      backlog.open += count;
      const auto oldest = from_ms(statement.getColumn(2).getInt64());
      backlog.oldest_open = std::min(backlog.oldest_open.value_or(oldest), oldest);
    }
    return backlog;
  });
}

Result<std::vector<Attempt>> Outbox::attempts(std::string_view event_id, const Destination& to) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::vector<Attempt>> {
    SQLite::Statement statement(
        *store_->db,
        "SELECT at, took_ms, status, error FROM attempts WHERE job=(SELECT id FROM jobs WHERE "
        "kind=? AND destination=? AND event_id=?) ORDER BY number");
    bind_destination(statement, to);
    statement.bind(3, std::string(event_id));
    std::vector<Attempt> attempts;
    while (statement.executeStep()) {
      const auto status = statement.getColumn(2);
      attempts.push_back({.at = from_ms(statement.getColumn(0).getInt64()),
                          .took = Milliseconds(statement.getColumn(1).getInt64()),
                          .status = status.isNull() ? std::nullopt : std::optional(status.getInt()),
                          .error = statement.getColumn(3).getString()});
    }
    return attempts;
  });
}

Status Outbox::prune(WallTime before, std::size_t limit) {
  return store_->change([&] {
    SQLite::Statement jobs(*store_->db,
                           "CREATE TEMP TABLE IF NOT EXISTS pruned(id INTEGER PRIMARY KEY)");
    jobs.exec();
    SQLite::Statement pick(*store_->db,
                           "INSERT INTO pruned SELECT id FROM jobs WHERE state = 2 AND "
                           "finished_at < ? ORDER BY finished_at LIMIT ?");
    pick.bind(1, to_ms(before));
    pick.bind(2, static_cast<std::int64_t>(limit));
    if (pick.exec() == 0) return;
    store_->db->exec(
        "DELETE FROM attempts WHERE job IN (SELECT id FROM pruned);"
        "DELETE FROM jobs WHERE id IN (SELECT id FROM pruned);"
        "DELETE FROM pruned;");
  });
}

}  // namespace passgate::sync
