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
         "?18, ?19)";
}

// The highest number, not the count: older uses may have been deleted, and in a
// fleet some were consumed elsewhere.
constexpr const char* kFindHistory =
    "SELECT at, reader,"
    " (SELECT max(use_no) FROM uses WHERE template = ?1 AND pass_id = ?2)"
    " FROM uses WHERE template = ?1 AND pass_id = ?2 ORDER BY use_no LIMIT 1";

}  // namespace

Journal::Store::Store(SQLite::Database opened, int level)
    : database(std::move(opened)),
      synchronous(level),
      find_history(database, kFindHistory),
      find_cryptogram(database, "SELECT 1 FROM cryptograms WHERE digest = ?1 AND until > ?2"),
      insert_tap(database, insert_into_taps()),
      insert_use(database, "INSERT INTO uses VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
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
      select_ages(database,
                  "SELECT position, at, clock = 'unset', pass_template, pass_id, use_no FROM taps"
                  " WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3"),
      delete_tap(database, "DELETE FROM taps WHERE position = ?1"),
      delete_use(database, "DELETE FROM uses WHERE template = ?1 AND pass_id = ?2 AND use_no = ?3"),
      forget_cryptograms(database,
                         "DELETE FROM cryptograms WHERE digest IN"
                         " (SELECT digest FROM cryptograms WHERE until <= ?1 LIMIT ?2)") {}

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
