// SPDX-License-Identifier: Apache-2.0
// Of the journal: what other terminals told, and which passes are to be judged again.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Transaction.h>

#include <nlohmann/json.hpp>

#include "gate/journal_rows.h"
#include "gate/journal_store.h"

namespace passgate::gate {

void Journal::Store::unsettle(SQLite::Statement& statement, const std::string& pass_template,
                              const std::string& pass_id) {
  const Bound note(statement);
  note->bindNoCopy(1, pass_template);
  note->bindNoCopy(2, pass_id);
  note->exec();
}

Result<std::size_t> Journal::add_peers(std::span<const TapRecord> records) {
  return store_->writing([&]() -> Result<std::size_t> {
    SQLite::Transaction transaction(store_->database, SQLite::TransactionBehavior::IMMEDIATE);
    std::size_t added = 0;
    for (const TapRecord& record : records) {
      const std::string body =
          to_json(record).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      const Bound peer(store_->insert_peer);
      peer->bind(1, record.tap_id.text());
      peer->bindNoCopy(2, record.pass_template);
      peer->bindNoCopy(3, record.pass_id);
      peer->bind(4, stored(record.at));
      peer->bindNoCopy(5, body);
      const bool moved = record.decision == Decision::admit || record.kind == Kind::undo;
      peer->bind(6, moved ? 1 : 0);
      const int inserted = peer->exec();
      if (inserted > 0)
        store_->unsettle(store_->unsettle_pass, record.pass_template, record.pass_id);
      added += static_cast<std::size_t>(inserted);
    }
    transaction.commit();
    return added;
  });
}

Result<std::optional<TapRecord>> Journal::peer(const TapId& tap) {
  return store_->reading([&]() -> Result<std::optional<TapRecord>> {
    const Bound find(store_->find_peer);
    find->bind(1, tap.text());
    if (!find->executeStep()) return std::nullopt;
    const auto body = nlohmann::json::parse(find->getColumn(0).getString(), nullptr, false);
    auto record = tap_record_from(body);
    if (!record) return fail(Errc::storage_corrupt);
    return std::move(*record);
  });
}

Result<std::vector<Journal::Unsettled>> Journal::unsettled(std::size_t limit) {
  return store_->reading([&]() -> Result<std::vector<Unsettled>> {
    std::vector<Unsettled> passes;
    const Bound select(store_->select_unsettled);
    select->bind(1, static_cast<std::int64_t>(limit));
    while (select->executeStep()) {
      passes.push_back({select->getColumn(0).getString(), select->getColumn(1).getString(),
                        select->getColumn(2).getInt64()});
    }
    return passes;
  });
}

Result<std::size_t> Journal::count_unsettled() {
  return store_->reading([&]() -> Result<std::size_t> {
    const Bound count(store_->count_unsettled);
    count->executeStep();
    return static_cast<std::size_t>(count->getColumn(0).getInt64());
  });
}

Status Journal::settled(const Unsettled& pass) {
  return store_->writing([&]() -> Status {
    store_->spare_one_sync();
    const Bound forget(store_->delete_unsettled);
    forget->bindNoCopy(1, pass.pass_template);
    forget->bindNoCopy(2, pass.pass_id);
    forget->bind(3, pass.mark);
    forget->exec();
    return {};
  });
}

Status Journal::unsettle(std::span<const Unsettled> passes, std::int64_t seen) {
  return store_->writing([&]() -> Status {
    SQLite::Transaction transaction(store_->database, SQLite::TransactionBehavior::IMMEDIATE);
    for (const Unsettled& pass : passes) {
      store_->unsettle(store_->unsettle_known, pass.pass_template, pass.pass_id);
    }
    const Bound keep(store_->see_revocations);
    keep->bind(1, seen);
    keep->exec();
    transaction.commit();
    return {};
  });
}

Result<std::int64_t> Journal::revocations_seen() {
  return store_->reading([&]() -> Result<std::int64_t> {
    const Bound find(store_->select_revocations_seen);
    return find->executeStep() ? find->getColumn(0).getInt64() : 0;
  });
}

}  // namespace passgate::gate
