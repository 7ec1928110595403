// SPDX-License-Identifier: Apache-2.0
// What people ask of an outbox: what is in it, what became of it, again please.
#include <algorithm>
#include <array>

#include "sync/store/outbox_store.h"

namespace passgate::sync {

namespace {

constexpr std::array<std::string_view, 6> kStateNames = {"waiting",  "queued", "done",
                                                         "terminal", "dead",   "ambiguous"};

}  // namespace

Result<Backlog> Outbox::backlog(const Destination& to) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<Backlog> {
    SQLite::Statement statement(
        *store_->db,
        "SELECT state, count(*), min(created_at) FROM jobs WHERE kind=? AND destination=? AND "
        "state <> 2 AND NOT (state > 2 AND undone) GROUP BY state");
    bind_destination(statement, to);
    Backlog backlog;
    while (statement.executeStep()) {
      const auto count = static_cast<std::size_t>(statement.getColumn(1).getInt64());
      const int state = statement.getColumn(0).getInt();
      if (state > 2) {
        (state == 5 ? backlog.ambiguous : backlog.failed) += count;
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

Result<std::vector<JobView>> Outbox::list(const JobFilter& filter) {
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<std::vector<JobView>> {
    SQLite::Statement statement(
        *store_->db,
        "SELECT id, kind, destination, pass_key, event_id, state, attempts, last_error, "
        "created_at, finished_at, undone FROM jobs WHERE id < ?1 AND (?2 IS NULL OR id = ?2) AND "
        "(kind = ?3 OR (?3 IS NULL AND kind < 2)) AND "
        "(?4 = 0 OR (state > 2 AND NOT undone)) "
        "ORDER BY id DESC LIMIT ?5");
    statement.bind(1, filter.before_id);
    if (filter.id) statement.bind(2, *filter.id);
    if (filter.kind) statement.bind(3, static_cast<int>(*filter.kind));
    statement.bind(4, filter.only_failed ? 1 : 0);
    statement.bind(5, static_cast<std::int64_t>(filter.limit));
    std::vector<JobView> jobs;
    while (statement.executeStep()) {
      const auto finished = statement.getColumn(9);
      jobs.push_back({.id = statement.getColumn(0).getInt64(),
                      .to = {static_cast<JobKind>(statement.getColumn(1).getInt()),
                             statement.getColumn(2).getString()},
                      .pass_key = statement.getColumn(3).getString(),
                      .event_id = statement.getColumn(4).getString(),
                      .state = std::string(kStateNames.at(statement.getColumn(5).getUInt())),
                      .attempts = statement.getColumn(6).getUInt(),
                      .last_error = statement.getColumn(7).getString(),
                      .created = from_ms(statement.getColumn(8).getInt64()),
                      .finished = finished.isNull() ? std::nullopt
                                                    : std::optional(from_ms(finished.getInt64())),
                      .undone = statement.getColumn(10).getInt() != 0});
    }
    return jobs;
  });
}

Result<bool> Outbox::redeliver(std::int64_t id, WallTime due) {
  bool again = false;
  const auto changed = store_->change([&] {
    // Behind what is open of its pass: two at once would break the order.
    SQLite::Statement statement(
        *store_->db,
        "UPDATE jobs SET attempts=0, finished_at=NULL, next_at=?2, turn=open.last + 1, "
        "state=open.jobs = 0 FROM (SELECT count(*) AS jobs, coalesce(max(o.turn), 0) AS last "
        "FROM jobs e JOIN jobs o ON o.kind=e.kind AND o.destination=e.destination AND "
        "o.pass_key=e.pass_key AND o.state < 2 WHERE e.id=?1) AS open "
        "WHERE id=?1 AND state > 2 AND kind < 2 AND NOT undone");
    statement.bind(1, id);
    statement.bind(2, to_ms(due));
    again = statement.exec() == 1;
  });
  if (!changed) return std::unexpected(changed.error());
  return again;
}

Result<std::optional<std::pair<Destination, std::string>>> Outbox::body_of(std::int64_t id) {
  using Found = std::optional<std::pair<Destination, std::string>>;
  const std::lock_guard lock(store_->mutex);
  return gate::storing([&]() -> Result<Found> {
    SQLite::Statement statement(*store_->db, "SELECT kind, destination, body FROM jobs WHERE id=?");
    statement.bind(1, id);
    if (!statement.executeStep()) return Found{};
    return Found({{static_cast<JobKind>(statement.getColumn(0).getInt()),
                   statement.getColumn(1).getString()},
                  statement.getColumn(2).getString()});
  });
}

Status Outbox::prune(WallTime before, WallTime pushes_before, std::size_t limit) {
  return store_->change([&] {
    SQLite::Statement jobs(*store_->db,
                           "CREATE TEMP TABLE IF NOT EXISTS pruned(id INTEGER PRIMARY KEY)");
    jobs.exec();
    SQLite::Statement pick(*store_->db,
                           "INSERT INTO pruned SELECT id FROM jobs WHERE state = 2 AND "
                           "(finished_at < ?1 OR (kind = 2 AND finished_at < ?2)) "
                           "ORDER BY finished_at LIMIT ?3");
    pick.bind(1, to_ms(before));
    pick.bind(2, to_ms(pushes_before));
    pick.bind(3, static_cast<std::int64_t>(limit));
    if (pick.exec() == 0) return;
    store_->db->exec(
        "DELETE FROM attempts WHERE job IN (SELECT id FROM pruned);"
        "DELETE FROM jobs WHERE id IN (SELECT id FROM pruned);"
        "DELETE FROM pruned;");
  });
}

}  // namespace passgate::sync
