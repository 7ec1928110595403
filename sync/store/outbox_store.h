// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include "sync/store/database.h"
#include "sync/store/outbox.h"

namespace passgate::sync {

struct Outbox::Store {
  explicit Store(std::unique_ptr<SQLite::Database> opened) : db(std::move(opened)) {}

  std::mutex mutex;
  std::unique_ptr<SQLite::Database> db;

  /// Whether an event is in one of these states there: "0,1,2".
  bool is_in(const Destination& to, const std::string& event_id, const std::string& states);
  /// Remembered with the event, in whatever state it is.
  void mark_undone(const Destination& to, const std::string& event_id);
  /// False: an event of that id is there, or what it takes back is not.
  bool insert(const NewJob& job, WallTime created, WallTime due);
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

inline void bind_destination(SQLite::Statement& statement, const Destination& to) {
  statement.bind(1, static_cast<int>(to.kind));
  statement.bind(2, to.name);
}

}  // namespace passgate::sync
