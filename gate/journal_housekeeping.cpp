// SPDX-License-Identifier: Apache-2.0
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <ranges>

#include "gate/journal_rows.h"
#include "gate/journal_store.h"

namespace passgate::gate {
namespace {

/// Rows looked at a call: a tap that arrives meanwhile waits a few milliseconds.
constexpr std::int64_t kRowsPerCall = 1000;

struct Aged {
  std::int64_t position;
  WallTime at;
  bool clock_unset;
  std::string pass_template, pass_id;
  std::int64_t use_no;  ///< 0: none.
  std::int64_t party;   ///< Uses from there.
  bool expired = false;
};

std::vector<Aged> ages(SQLite::Statement& select, std::uint64_t after, std::uint64_t last) {
  const Bound rows(select);
  rows->bind(1, static_cast<std::int64_t>(after));
  rows->bind(2, static_cast<std::int64_t>(last));
  rows->bind(3, kRowsPerCall);
  std::vector<Aged> aged;
  while (rows->executeStep()) {
    aged.push_back({rows->getColumn(0).getInt64(), wall_time(rows->getColumn(1).getInt64()),
                    rows->getColumn(2).getInt() != 0, rows->getColumn(3).getString(),
                    rows->getColumn(4).getString(), rows->getColumn(5).getInt64(),
                    rows->getColumn(6).getInt64()});
  }
  return aged;
}

/// A time by an unset clock says nothing: such a tap is older than the first
/// tap after it that knows its time. Deleting by 1970 would open used passes.
void judge(std::vector<Aged>& aged, WallTime cutoff) {
  bool later_is_old = false;
  for (Aged& row : aged | std::views::reverse) {
    if (!row.clock_unset) later_is_old = row.at < cutoff;
    row.expired = later_is_old;
  }
}

/// Where the next call begins: taps with no known time after them wait for one,
/// unless they fill the whole window.
std::uint64_t next_start(const std::vector<Aged>& aged) {
  if (static_cast<std::int64_t>(aged.size()) < kRowsPerCall) return 0;  // the end: from the top
  const auto known = std::ranges::find_if(aged | std::views::reverse,
                                          [](const Aged& row) { return !row.clock_unset; });
  const auto& last = known == aged.rend() ? aged.back() : *known;
  return static_cast<std::uint64_t>(last.position);
}

}  // namespace

Status Journal::housekeep(WallTime now, std::chrono::days keep) {
  // The checkpoint comes first: deleting needs room in the WAL, and on a full
  // disk only a WAL that can start over has any.
  const auto moved = store_->writing([&]() -> Status {
    const int code = sqlite3_wal_checkpoint_v2(store_->database.getHandle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK && code != SQLITE_BUSY) {
      throw SQLite::Exception(store_->database.getHandle(), code);
    }
    return {};
  });
  if (!moved) return moved;
  return store_->writing([&]() -> Status {
    Store& store = *store_;
    SQLite::Transaction transaction(store.database, SQLite::TransactionBehavior::IMMEDIATE);
    auto aged = ages(store.select_ages, store.housekept, store.acknowledged());
    judge(aged, now - keep);
    for (const Aged& row : aged | std::views::filter(&Aged::expired)) {
      const Bound tap(store.delete_tap);
      tap->bind(1, row.position);
      tap->exec();
      if (row.use_no == 0) continue;
      const Bound use(store.delete_use);
      use->bindNoCopy(1, row.pass_template);
      use->bindNoCopy(2, row.pass_id);
      use->bind(3, row.use_no);
      use->bind(4, row.party);
      use->exec();
    }
    const Bound forget(store.forget_cryptograms);
    forget->bind(1, stored(now));
    forget->bind(2, kRowsPerCall);
    forget->exec();
    // What a terminal told by an unset clock has no age, and stays.
    const Bound peers(store.forget_peers);
    peers->bind(1, stored(now - keep));
    peers->bind(2, kRowsPerCall);
    peers->exec();
    transaction.commit();
    store.housekept = next_start(aged);
    return {};
  });
}

}  // namespace passgate::gate
