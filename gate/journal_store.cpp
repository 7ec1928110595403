// SPDX-License-Identifier: Apache-2.0
#include "gate/journal_store.h"

#include <SQLiteCpp/Column.h>

#include "gate/journal_database.h"
#include "gate/journal_rows.h"

namespace passgate::gate {
namespace {

std::string taps(std::string_view rest) {
  return "SELECT position, " + std::string(kTapColumns) + " FROM taps " + std::string(rest);
}

std::string insert_into_taps() {
  return "INSERT INTO taps(" + std::string(kTapColumns) +
         ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
         "?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)";
}

// As the index `movements` has it, word for word: else SQLite does not use it.
constexpr std::string_view kIsMovement =
    "kind <> 'conflict' AND (decision = 'admit' OR kind = 'undo')";

/// Of one pass, those that `which` finds.
std::string own_records(const std::string& which) {
  return taps("WHERE pass_template = ?1 AND pass_id = ?2 AND " + which +
              " ORDER BY position DESC LIMIT ?3");
}

// A time by an unset clock is no age: such a record is kept with the newest.
constexpr const char* kInsertPeer =
    "INSERT OR IGNORE INTO peer_taps SELECT ?1, ?2, ?3,"
    " iif(json_extract(?5, '$.clock') = 'unset', 9223372036854775807, ?4), ?5, ?6";

// ?1 zone, ?2 people in (negative: out), ?3 since when they count.
constexpr const char* kMovePeople =
    "INSERT INTO presence VALUES(?1, max(0, ?2), ?3) ON CONFLICT(zone) DO UPDATE SET"
    " inside = max(0, CASE WHEN since < excluded.since THEN 0 ELSE inside END + ?2),"
    " since = max(since, excluded.since) RETURNING inside";

// ?1 zone, ?2 since when they count now, ?3 the latest that can be true. Nobody
// leaves by it: who is inside is so until the zone is emptied next.
constexpr const char* kSetSinceBack =
    "UPDATE presence SET since = ?2 WHERE zone = ?1 AND since > ?3";

// Those that `which` finds; each time is another reason.
std::string unsettle_where(std::string_view which) {
  return "INSERT INTO unsettled SELECT ?1, ?2, 1 WHERE " + std::string(which) +
         " ON CONFLICT(pass_template, pass_id) DO UPDATE SET mark = mark + 1";
}

}  // namespace

std::string select_peers(bool moved) {
  return std::string("SELECT body FROM peer_taps WHERE pass_template = ?1 AND pass_id = ?2") +
         " AND moved = " + (moved ? "1" : "0") + " ORDER BY at DESC, tap_id LIMIT ?3";
}

Journal::Store::Store(SQLite::Database opened, int level)
    : database(std::move(opened)),
      synchronous(level),
      select_movements(database, own_records(std::string(kIsMovement))),
      select_rest(database, own_records("NOT (" + std::string(kIsMovement) + ")")),
      select_peer_movements(database, select_peers(true)),
      select_peer_rest(database, select_peers(false)),
      find_tap(database, taps("WHERE tap_id = ?1")),
      find_act(database, taps("WHERE refers = ?1 AND kind = ?2 AND kind IN ('override', 'undo')")),
      find_inside(database, "SELECT inside FROM presence WHERE zone = ?1 AND since >= ?2"),
      find_cryptogram(database, "SELECT 1 FROM cryptograms WHERE digest = ?1 AND until > ?2"),
      insert_tap(database, insert_into_taps()),
      insert_use(database, "INSERT INTO uses VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      insert_peer(database, kInsertPeer),
      move_people(database, kMovePeople),
      set_since_back(database, kSetSinceBack),
      newest_movement(database,
                      "SELECT max(position) FROM taps WHERE pass_template = ?1 AND"
                      " pass_id = ?2 AND " +
                          std::string(kIsMovement)),
      remember_cryptogram(database,
                          "INSERT INTO cryptograms VALUES(?1, ?2) ON CONFLICT(digest)"
                          " DO UPDATE SET until = max(until, excluded.until)"),
      set_effected(database, "UPDATE taps SET effected = 1 WHERE tap_id = ?1"),
      select_after(database, taps("WHERE position > ?1 ORDER BY position LIMIT ?2")),
      select_newest(database, taps("ORDER BY position DESC LIMIT ?1")),
      select_of_pass(database, taps("WHERE pass_template = ?1 AND pass_id = ?2"
                                    " ORDER BY position DESC LIMIT ?3")),
      select_last(database, "SELECT seq FROM sqlite_sequence WHERE name = 'taps'"),
      select_acknowledged(database, "SELECT value FROM meta WHERE name = 'acknowledged'"),
      acknowledge(database, "UPDATE meta SET value = ?1 WHERE name = 'acknowledged'"),
      find_peer(database, "SELECT body FROM peer_taps WHERE tap_id = ?1"),
      select_unsettled(database, "SELECT pass_template, pass_id, mark FROM unsettled LIMIT ?1"),
      count_unsettled(database, "SELECT count(*) FROM unsettled"),
      delete_unsettled(database,
                       "DELETE FROM unsettled WHERE pass_template = ?1 AND pass_id = ?2"
                       " AND mark = ?3"),
      unsettle_pass(database, unsettle_where("true")),
      unsettle_met(database, unsettle_where("EXISTS(SELECT 1 FROM peer_taps WHERE"
                                            " pass_template = ?1 AND pass_id = ?2)")),
      unsettle_known(database, unsettle_where("EXISTS(SELECT 1 FROM taps WHERE"
                                              " pass_template = ?1 AND pass_id = ?2)")),
      see_revocations(database, "UPDATE meta SET value = ?1 WHERE name = 'revocations'"),
      select_revocations_seen(database, "SELECT value FROM meta WHERE name = 'revocations'"),
      select_ages(
          database,
          "SELECT position, at, clock = 'unset', pass_template, pass_id, use_no, party FROM taps"
          " WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3"),
      delete_tap(database, "DELETE FROM taps WHERE position = ?1"),
      delete_use(database,
                 "DELETE FROM uses WHERE template = ?1 AND pass_id = ?2"
                 " AND use_no >= ?3 AND use_no < ?3 + ?4"),
      forget_cryptograms(database,
                         "DELETE FROM cryptograms WHERE digest IN"
                         " (SELECT digest FROM cryptograms WHERE until <= ?1 LIMIT ?2)"),
      forget_peers(database,
                   "DELETE FROM peer_taps WHERE tap_id IN"
                   " (SELECT tap_id FROM peer_taps WHERE at < ?1 ORDER BY at LIMIT ?2)") {}

void Journal::Store::spare_one_sync() {
  // NORMAL appends to the WAL without a sync. The next record() puts FULL back
  // first, and its one sync of the file covers these frames, too.
  if (synchronous <= 1) return;
  weakened = true;
  set_synchronous(database, 1);
}

void Journal::Store::restore_durability() {
  if (!weakened) return;
  set_synchronous(database, synchronous);
  weakened = false;
}

void Journal::Store::note_failure(Errc failure) noexcept {
  // A refused row says nothing about the disk.
  if (failure == Errc::use_taken || failure == Errc::bad_value) return;
  healthy.store(false, std::memory_order_relaxed);
}

std::uint64_t Journal::Store::last_position() {
  const Bound statement(select_last);
  if (!statement->executeStep()) return 0;
  return static_cast<std::uint64_t>(statement->getColumn(0).getInt64());
}

std::uint64_t Journal::Store::acknowledged() {
  const Bound statement(select_acknowledged);
  if (!statement->executeStep()) return 0;
  return static_cast<std::uint64_t>(statement->getColumn(0).getInt64());
}

}  // namespace passgate::gate
