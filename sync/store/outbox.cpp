// SPDX-License-Identifier: Apache-2.0
#include "sync/store/outbox.h"

#include <array>

#include "sync/store/outbox_store.h"

namespace passgate::sync {

namespace {

// state: 0 waiting behind an earlier job of its pass, 1 queued, 2 done,
// 3 terminal, 4 dead. At most one job of a pass is queued at a destination.
constexpr const char* kOutboxSchema = R"(
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

// Version 2: the memo of a redemption, the lane of a pass, whether the push that
// a redemption causes was seen, the turn of a job within its pass (before its id:
// one that is sent again has an old id and stands behind newer ones); state 5
// ambiguous.
// Version 3: whether the use of a redemption was undone here. What older versions
// know of it is the undo that was queued behind one; "this_use_only" says that a
// person undid the use, and not just its record at the provider.
constexpr std::array<const char*, 2> kOutboxUpgrades = {R"(
ALTER TABLE jobs ADD COLUMN memo TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN echoed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_of_pass ON jobs(kind, destination, pass_key) WHERE kind = 1 AND echoed = 0;
)",
                                                        R"(
ALTER TABLE jobs ADD COLUMN undone INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET undone = 1 WHERE kind = 1 AND event_id LIKE '%-redemption' AND EXISTS
  (SELECT 1 FROM jobs u WHERE u.kind = 1 AND u.destination = jobs.destination AND
   u.event_id = substr(jobs.event_id, 1, length(jobs.event_id) - 11) || '-undo' AND
   instr(u.body, '"this_use_only":true') > 0);
)"};

constexpr unsigned kAttemptsKept = 100;
constexpr std::int64_t kMostOpenAtOnce = 10'000;
/// FNV-1a: the same in every version, for it is on disk.
int lane_of(std::string_view pass_key) noexcept {
  std::uint32_t hash = 2166136261U;
  for (const char c : pass_key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<int>((hash ^ hash >> 16U) % kLanes);
}

int state_of(JobEnd end) noexcept {
  switch (end) {
    case JobEnd::done: return 2;
    case JobEnd::terminal: return 3;
    case JobEnd::dead: return 4;
    case JobEnd::ambiguous: return 5;
  }
  return 4;
}

}  // namespace

Outbox::Outbox(std::unique_ptr<Store> store) noexcept : store_(std::move(store)) {}
Outbox::Outbox(Outbox&&) noexcept = default;
Outbox& Outbox::operator=(Outbox&&) noexcept = default;
Outbox::~Outbox() = default;

Result<Outbox> Outbox::open(const std::filesystem::path& path) {
  auto db = open_database({.path = path,
                           .mode = 0600,
                           .sync_every_commit = true,
                           .schema = kOutboxSchema,
                           .upgrades = kOutboxUpgrades});
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

bool Outbox::Store::is_in(const Destination& to, const std::string& event_id,
                          const std::string& states) {
  SQLite::Statement statement(
      *db, "SELECT 1 FROM jobs WHERE kind=?1 AND destination=?2 AND event_id=?3 AND state IN (" +
               states + ")");
  bind_destination(statement, to);
  statement.bind(3, event_id);
  return statement.executeStep();
}

void Outbox::Store::mark_undone(const Destination& to, const std::string& event_id) {
  SQLite::Statement statement(
      *db, "UPDATE jobs SET undone=1 WHERE kind=?1 AND destination=?2 AND event_id=?3");
  bind_destination(statement, to);
  statement.bind(3, event_id);
  statement.exec();
}

bool Outbox::Store::insert(const NewJob& job, WallTime created, WallTime due) {
  if (!job.takes_back.empty()) {
    mark_undone(job.to, job.takes_back);
    if (!is_in(job.to, job.takes_back, "0,1,2,5")) return false;
  }
  SQLite::Statement statement(
      *db,
      "INSERT INTO jobs(kind, destination, pass_key, event_id, position, body, next_at, "
      "created_at, lane, turn, state) "
      "SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9, coalesce(max(turn), 0), count(*) = 0 FROM jobs "
      "WHERE kind=?1 AND destination=?2 AND pass_key=?3 AND state < 2 "
      "ON CONFLICT(kind, destination, event_id) DO NOTHING");
  bind_destination(statement, job.to);
  statement.bind(3, job.pass_key);
  statement.bind(4, job.event_id);
  statement.bind(5, static_cast<std::int64_t>(job.position));
  statement.bind(6, job.body);
  statement.bind(7, to_ms(due));
  statement.bind(8, to_ms(created));
  statement.bind(9, lane_of(job.pass_key));
  return statement.exec() == 1;
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

Result<bool> Outbox::enqueue(const NewJob& job, WallTime created, WallTime due) {
  bool is_new = false;
  bool full = false;
  const auto stored = store_->change([&] {
    SQLite::Statement open(*store_->db,
                           "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE kind=? AND "
                           "destination=? AND state < 2 LIMIT ?)");
    bind_destination(open, job.to);
    open.bind(3, kMostOpenAtOnce);
    full = open.executeStep() && open.getColumn(0).getInt64() >= kMostOpenAtOnce;
    if (!full) is_new = store_->insert(job, created, due);
  });
  if (!stored) return std::unexpected(stored.error());
  if (full) return fail(Errc::storage_full);
  return is_new;
}

Result<std::optional<Job>> Outbox::next_due(const Destination& to, WallTime now, Share share) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<Job>> {
    SQLite::Statement statement(
        *store_->db,
        "SELECT id, event_id, body, attempts, memo FROM jobs WHERE kind=?1 AND destination=?2 AND "
        "state = 1 AND next_at <= ?3 AND lane % ?4 = ?5 ORDER BY next_at, id LIMIT 1");
    bind_destination(statement, to);
    statement.bind(3, to_ms(now));
    statement.bind(4, share.count);
    statement.bind(5, share.index);
    if (!statement.executeStep()) return std::nullopt;
    return Job{.id = statement.getColumn(0).getInt64(),
               .event_id = statement.getColumn(1).getString(),
               .body = statement.getColumn(2).getString(),
               .attempts = statement.getColumn(3).getUInt(),
               .memo = statement.getColumn(4).getString()};
  });
}

Result<std::optional<WallTime>> Outbox::next_time(const Destination& to, Share share) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::optional<WallTime>> {
    SQLite::Statement statement(*store_->db,
                                "SELECT next_at FROM jobs WHERE kind=?1 AND destination=?2 AND "
                                "state = 1 AND lane % ?3 = ?4 ORDER BY next_at LIMIT 1");
    bind_destination(statement, to);
    statement.bind(3, share.count);
    statement.bind(4, share.index);
    if (!statement.executeStep()) return std::nullopt;
    return from_ms(statement.getColumn(0).getInt64());
  });
}

Status Outbox::remember(const Job& job, std::string_view memo) {
  return store_->change([&] {
    SQLite::Statement statement(*store_->db, "UPDATE jobs SET memo=?2 WHERE id=?1");
    statement.bind(1, job.id);
    statement.bind(2, std::string(memo));
    statement.exec();
  });
}

Result<bool> Outbox::take_echo(std::string_view provider, std::string_view pass_key,
                               std::string_view event_id) {
  bool taken = false;
  const auto changed = store_->change([&] {
    SQLite::Statement statement(
        *store_->db,
        "UPDATE jobs SET echoed=1 WHERE id=(SELECT id FROM jobs WHERE kind=1 AND destination=?1 "
        "AND pass_key=?2 AND echoed=0 AND (attempts > 0 OR memo <> '' OR state = 2) AND "
        "(?3='' OR event_id=?3) ORDER BY id LIMIT 1)");
    statement.bind(1, std::string(provider));
    statement.bind(2, std::string(pass_key));
    statement.bind(3, std::string(event_id));
    taken = statement.exec() == 1;
  });
  if (!changed) return std::unexpected(changed.error());
  return taken;
}

void Outbox::Store::record(const Job& job, const Attempt& attempt) {
  // Numbered on, also when a job that had ended is sent again.
  SQLite::Statement insert(*db,
                           "INSERT INTO attempts SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, "
                           "?4, ?5 FROM attempts WHERE job=?1");
  insert.bind(1, job.id);
  insert.bind(2, to_ms(attempt.at));
  insert.bind(3, static_cast<std::int64_t>(attempt.took.count()));
  if (attempt.status) {
    insert.bind(4, *attempt.status);
  } else {
    insert.bind(4);
  }
  insert.bind(5, attempt.error);
  insert.exec();
  SQLite::Statement trim(*db,
                         "DELETE FROM attempts WHERE job=?1 AND number <= (SELECT max(number) "
                         "FROM attempts WHERE job=?1) - ?2");
  trim.bind(1, job.id);
  trim.bind(2, kAttemptsKept);
  trim.exec();
}

Result<bool> Outbox::was_refused(const Destination& to, const std::string& event_id) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<bool> { return store_->is_in(to, event_id, "3,4"); });
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
        "WHERE e.id=?1 ORDER BY w.turn, w.id LIMIT 1)");
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

}  // namespace passgate::sync
