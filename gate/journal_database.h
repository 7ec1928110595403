// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

#include "core/result.h"
#include "gate/journal.h"

namespace passgate::gate {

/// Marks the file as ours: "PGj1", SQLite's application_id.
inline constexpr std::int32_t kJournalApplicationId = 0x50476A31;

/// Opens or creates journal.db, brings its schema up to date, recovers the WAL
/// and looks for damage. The connection is in WAL mode at the durability asked
/// for. Errors: storage_*, bad_version (written by a newer passgate). A file
/// that is refused is left as it is.
Result<SQLite::Database> open_journal_database(const Journal::Options& options);

/// "PRAGMA synchronous" outside a transaction: 1 NORMAL, 2 FULL, 3 EXTRA.
void set_synchronous(SQLite::Database& database, int level);

}  // namespace passgate::gate
