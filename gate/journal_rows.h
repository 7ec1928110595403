// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Statement.h>

#include <string_view>
#include <vector>

#include "core/result.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// The columns of table `taps` but for `position`, in the order of bind_tap.
inline constexpr std::string_view kTapColumns =
    "tap_id, at, boot_id, monotonic_ns, clock, terminal, reader, zone, direction, wallet, "
    "pass, pass_template, pass_id, provider, decision, reason, effected, use_no, object_id, "
    "kind, clock_error_ms, party, flag, refers, operator, why, needed, conflict, against, "
    "order_certain";

/// Binds ?1 … ?30: all but the position, which the journal assigns. Text is
/// borrowed from `record` until the statement is bound anew.
void bind_tap(SQLite::Statement& insert, const TapRecord& record);

/// Reads the current row of `SELECT position, <kTapColumns>`.
/// Errors: storage_corrupt (a value outside its list).
Result<TapRecord> read_tap(SQLite::Statement& row);
/// All rows of such a SELECT.
Result<std::vector<TapRecord>> collect(SQLite::Statement& rows);

/// Milliseconds since 1970, as all times are stored.
inline std::int64_t stored(WallTime time) noexcept {
  return time.time_since_epoch().count();
}
inline WallTime wall_time(std::int64_t ms) noexcept {
  return WallTime(Milliseconds(ms));
}

}  // namespace passgate::gate
