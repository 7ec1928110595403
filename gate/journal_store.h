// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <atomic>
#include <mutex>
#include <utility>

#include "gate/journal.h"
#include "gate/sqlite_error.h"

namespace passgate::gate {

/// Of one pass (?1 template, ?2 id), what others told that moved people or did not;
/// at most ?3, the newest.
std::string select_peers(bool moved);

/// The connection of a Journal and its statements, prepared once.
/// `mutex` is held for every use of everything but `healthy`.
struct Journal::Store {
  Store(SQLite::Database opened, int level);

  /// Runs `work` under the mutex.
  template <class Work>
  auto reading(Work&& work) -> decltype(work()) {
    const std::lock_guard lock(mutex);
    return storing(std::forward<Work>(work));
  }

  /// Runs `work` under the mutex, at full durability, and keeps `healthy`.
  template <class Work>
  auto writing(Work&& work) -> decltype(work()) {
    const std::lock_guard lock(mutex);
    const int before = database.getTotalChanges();
    auto result = storing([&] {
      restore_durability();
      return std::forward<Work>(work)();
    });
    if (!result) {
      note_failure(result.error().code());
    } else if (database.getTotalChanges() != before) {
      healthy.store(true, std::memory_order_relaxed);
    }
    return result;
  }

  // These need the mutex; all but note_failure may throw.
  void restore_durability();
  void spare_one_sync();  ///< For the statement that follows, in this `writing`.
  void note_failure(Errc failure) noexcept;
  std::uint64_t last_position();
  std::uint64_t acknowledged();
  std::uint64_t last_movement(const TapRecord& of_pass);
  /// Counts the people of `record`, which is written, in or out of its zone. A refusal
  /// moves nobody, but may show that a clock ran ahead (gate/latest_emptying.h).
  /// Errors: use_taken (more than fit).
  Status move(const TapRecord& record, const Guard& guard);
  /// Notes that a pass is to be judged again; which, `statement` knows.
  static void unsettle(SQLite::Statement& statement, const std::string& pass_template,
                       const std::string& pass_id);
  /// Adds what `own` and `peers` give of a pass.
  Status add_records(PassRecords& records, SQLite::Statement& own, SQLite::Statement& peers,
                     std::string_view pass_template, std::string_view pass_id);

  std::mutex mutex;
  SQLite::Database database;
  std::atomic<bool> healthy{true};
  int synchronous;
  bool weakened = false;        ///< The connection may be below `synchronous`.
  std::uint64_t housekept = 0;  ///< Housekeeping has looked at positions up to here.

  SQLite::Statement select_movements, select_rest, select_peer_movements, select_peer_rest;
  SQLite::Statement find_tap, find_act, find_inside, find_cryptogram;
  SQLite::Statement insert_tap, insert_use, insert_peer, move_people, set_since_back,
      newest_movement;
  SQLite::Statement remember_cryptogram, set_effected;
  SQLite::Statement select_after, select_newest, select_of_pass, select_last, select_acknowledged,
      acknowledge;
  SQLite::Statement find_peer, select_unsettled, count_unsettled, delete_unsettled;
  SQLite::Statement unsettle_pass, unsettle_met, unsettle_known;
  SQLite::Statement see_revocations, select_revocations_seen;
  SQLite::Statement select_ages, delete_tap, delete_use, forget_cryptograms, forget_peers;
};

}  // namespace passgate::gate
