// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <utility>

#include "core/result.h"

namespace passgate::gate {

/// What a failure of SQLite means to a gate: one of storage_*, or bad_value or
/// too_large for data that the schema refuses. The detail is SQLite's extended
/// result code.
Error storage_error(const SQLite::Exception& exception,
                    std::source_location where = std::source_location::current()) noexcept;

/// Runs `work`, which returns a Result and may throw what SQLiteCpp throws: the
/// edge where exceptions end.
template <class Work>
auto storing(Work&& work, std::source_location where = std::source_location::current())
    -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const SQLite::Exception& exception) {
    return std::unexpected(storage_error(exception, where));
  }
}

/// Resets a kept statement when a call is over, however it ends: a statement
/// that was not reset keeps its read transaction, and with it the WAL.
class Bound {
 public:
  explicit Bound(SQLite::Statement& statement) noexcept : statement_(statement) {}
  ~Bound() { statement_.tryReset(); }
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;
  SQLite::Statement* operator->() const noexcept { return &statement_; }
  SQLite::Statement& operator*() const noexcept { return statement_; }

 private:
  SQLite::Statement& statement_;
};

}  // namespace passgate::gate
