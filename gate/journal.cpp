// SPDX-License-Identifier: Apache-2.0
#include "gate/journal.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <limits>

#include "gate/journal_database.h"
#include "gate/journal_rows.h"
#include "gate/journal_store.h"

namespace passgate::gate {
namespace {

using SQLite::TransactionBehavior;

/// SQLite's integers are signed.
std::int64_t as_signed(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(
      std::min(number, std::uint64_t{std::numeric_limits<std::int64_t>::max()}));
}

void bind_digest(SQLite::Statement& statement, const CryptogramDigest& digest) {
  statement.bindNoCopy(1, digest.data(), static_cast<int>(digest.size()));
}

/// Steps an insert. False when its row is there already.
bool insert(SQLite::Statement& statement) {
  const int code = statement.tryExecuteStep();
  if (code == SQLITE_DONE) return true;
  const int extended = statement.getExtendedErrorCode();
  if (extended == SQLITE_CONSTRAINT_PRIMARYKEY || extended == SQLITE_CONSTRAINT_UNIQUE) {
    return false;
  }
  throw SQLite::Exception(statement.getErrorMsg(), extended);
}

/// One row a use. False: one of them is taken.
bool consume(SQLite::Statement& insert_use, const TapRecord& record) {
  if (!record.use_no) return true;
  for (unsigned person = 0; person < record.party; ++person) {
    const Bound use(insert_use);
    use->bindNoCopy(1, record.pass_template);
    use->bindNoCopy(2, record.pass_id);
    use->bind(3, *record.use_no + person);
    use->bind(4, record.tap_id.text());
    use->bind(5, stored(record.at));
    use->bindNoCopy(6, record.reader);
    if (!insert(*use)) return false;
  }
  return true;
}

}  // namespace

Journal::Journal(std::unique_ptr<Store> store) noexcept : store_(std::move(store)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<Journal> Journal::open(const Options& options) {
  auto database = open_journal_database(options);
  if (!database) return std::unexpected(database.error());
  return storing([&]() -> Result<Journal> {
    return Journal(std::make_unique<Store>(std::move(*database), options.synchronous));
  });
}

Result<bool> Journal::seen(const CryptogramDigest& digest, WallTime now) {
  return store_->reading([&]() -> Result<bool> {
    const Bound find(store_->find_cryptogram);
    bind_digest(*find, digest);
    find->bind(2, stored(now));
    return find->executeStep();
  });
}

Result<std::uint64_t> Journal::record(const TapRecord& record,
                                      const std::optional<Remember>& remember, const Guard& guard) {
  return store_->writing([&]() -> Result<std::uint64_t> {
    // Rolled back wherever this returns before the commit.
    SQLite::Transaction transaction(store_->database, TransactionBehavior::IMMEDIATE);
    if (guard.seen_until && store_->last_movement(record) > *guard.seen_until) {
      return fail(Errc::use_taken);
    }
    const Bound tap(store_->insert_tap);
    bind_tap(*tap, record);
    if (!insert(*tap)) return fail(Errc::bad_value);  // a tap is told once
    const auto position = store_->database.getLastInsertRowid();
    if (!consume(store_->insert_use, record)) return fail(Errc::use_taken);
    if (const Status moved = store_->move(record, guard); !moved) {
      return std::unexpected(moved.error());
    }
    if (remember) {
      const Bound keep(store_->remember_cryptogram);
      bind_digest(*keep, remember->digest);
      keep->bind(2, stored(remember->until));
      keep->exec();
    }
    if (record.kind != Kind::conflict) {
      store_->unsettle(store_->unsettle_met, record.pass_template, record.pass_id);
    }
    transaction.commit();
    return static_cast<std::uint64_t>(position);
  });
}

Status Journal::mark_effected(const TapId& tap) {
  return store_->writing([&]() -> Status {
    store_->spare_one_sync();
    const Bound set(store_->set_effected);
    set->bind(1, tap.text());
    if (set->exec() == 0) return fail(Errc::bad_value);
    return {};
  });
}

Result<std::vector<TapRecord>> Journal::read_after(std::uint64_t after, std::size_t limit) {
  return store_->reading([&] {
    const Bound select(store_->select_after);
    select->bind(1, as_signed(after));
    select->bind(2, as_signed(limit));
    return collect(*select);
  });
}

Result<std::vector<TapRecord>> Journal::newest(std::size_t limit) {
  auto records = store_->reading([&] {
    const Bound select(store_->select_newest);
    select->bind(1, as_signed(limit));
    return collect(*select);
  });
  if (records) std::ranges::reverse(*records);
  return records;
}

Result<std::vector<TapRecord>> Journal::taps_of(std::string_view pass_template,
                                                std::string_view pass_id, std::size_t limit) {
  return store_->reading([&] {
    const Bound select(store_->select_of_pass);
    select->bind(1, std::string(pass_template));
    select->bind(2, std::string(pass_id));
    select->bind(3, as_signed(limit));
    return collect(*select);
  });
}

Result<std::uint64_t> Journal::last_position() {
  return store_->reading([&]() -> Result<std::uint64_t> { return store_->last_position(); });
}

Status Journal::acknowledge(std::uint64_t position) {
  return store_->writing([&]() -> Status {
    // What is not there yet cannot have been taken over.
    const std::uint64_t reached = std::min(position, store_->last_position());
    if (reached <= store_->acknowledged()) return {};
    // Losing it costs nothing: the other side says it again. A sync here would
    // make the next tap wait.
    store_->spare_one_sync();
    const Bound set(store_->acknowledge);
    set->bind(1, as_signed(reached));
    set->exec();
    return {};
  });
}

Result<std::uint64_t> Journal::acknowledged() {
  return store_->reading([&]() -> Result<std::uint64_t> { return store_->acknowledged(); });
}

bool Journal::healthy() const noexcept {
  return store_->healthy.load(std::memory_order_relaxed);
}

}  // namespace passgate::gate
