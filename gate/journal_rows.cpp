// SPDX-License-Identifier: Apache-2.0
#include "gate/journal_rows.h"

#include <SQLiteCpp/Column.h>

#include <limits>

namespace passgate::gate {
namespace {

template <class Value, class Parse>
bool read_as(const SQLite::Column& column, Value& out, Parse parse) {
  const auto value = parse(std::string_view(column.getString()));
  if (value) out = *value;
  return value.has_value();
}

bool read_use(const SQLite::Column& column, std::optional<unsigned>& out) {
  if (column.isNull()) return true;
  const std::int64_t number = column.getInt64();
  if (number < 1 || number > std::numeric_limits<unsigned>::max()) return false;
  out = static_cast<unsigned>(number);
  return true;
}

bool read_id(const SQLite::Column& column, std::optional<TapId>& out) {
  return column.isNull() || read_as(column, out.emplace(), TapId::parse);
}

}  // namespace

void bind_tap(SQLite::Statement& insert, const TapRecord& record) {
  int index = 0;
  const auto text = [&](const std::string& value) { insert.bindNoCopy(++index, value); };
  // The wire names, so that the file can be read with any SQLite tool.
  const auto name_of = [&](auto value) { insert.bind(++index, std::string(name(value))); };
  insert.bind(++index, record.tap_id.text());
  insert.bind(++index, stored(record.at));
  text(record.boot_id);
  insert.bind(++index, record.monotonic_ns);
  name_of(record.clock);
  text(record.terminal);
  text(record.reader);
  text(record.zone);
  name_of(record.direction);
  name_of(record.wallet);
  text(record.pass);
  text(record.pass_template);
  text(record.pass_id);
  text(record.provider);
  name_of(record.decision);
  name_of(record.reason);
  insert.bind(++index, record.effected ? 1 : 0);
  if (record.use_no) {
    insert.bind(++index, *record.use_no);
  } else {
    insert.bind(++index);
  }
  text(record.object_id);
  name_of(record.kind);
  if (record.clock_error) {
    insert.bind(++index, std::int64_t{record.clock_error->count()});
  } else {
    insert.bind(++index);
  }
  insert.bind(++index, record.party);
  name_of(record.flag);
  const auto id_of = [&](const std::optional<TapId>& id) {
    id ? insert.bind(++index, id->text()) : insert.bind(++index);
  };
  id_of(record.refers);
  text(record.operator_id);
  text(record.why);
  insert.bind(++index, record.needed ? 1 : 0);
  record.conflict ? name_of(*record.conflict) : insert.bind(++index);
  id_of(record.against);
  insert.bind(++index, record.order_certain ? 1 : 0);
}

Result<TapRecord> read_tap(SQLite::Statement& row) {
  TapRecord record;
  record.position = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
  record.at = wall_time(row.getColumn(2).getInt64());
  record.boot_id = row.getColumn(3).getString();
  record.monotonic_ns = row.getColumn(4).getInt64();
  record.terminal = row.getColumn(6).getString();
  record.reader = row.getColumn(7).getString();
  record.zone = row.getColumn(8).getString();
  record.pass = row.getColumn(11).getString();
  record.pass_template = row.getColumn(12).getString();
  record.pass_id = row.getColumn(13).getString();
  record.provider = row.getColumn(14).getString();
  record.effected = row.getColumn(17).getInt() != 0;
  record.object_id = row.getColumn(19).getString();
  if (!row.getColumn(21).isNull()) record.clock_error = Milliseconds(row.getColumn(21).getInt64());
  record.party = row.getColumn(22).getUInt();
  record.operator_id = row.getColumn(25).getString();
  record.why = row.getColumn(26).getString();
  record.needed = row.getColumn(27).getInt() != 0;
  record.order_certain = row.getColumn(30).getInt() != 0;
  const bool listed = read_as(row.getColumn(1), record.tap_id, TapId::parse) &&
                      read_as(row.getColumn(5), record.clock, clock_state_from) &&
                      read_as(row.getColumn(9), record.direction, direction_from) &&
                      read_as(row.getColumn(10), record.wallet, wallet_from) &&
                      read_as(row.getColumn(15), record.decision, decision_from) &&
                      read_as(row.getColumn(16), record.reason, reason_from) &&
                      read_use(row.getColumn(18), record.use_no) &&
                      read_as(row.getColumn(20), record.kind, kind_from) &&
                      read_as(row.getColumn(23), record.flag, flag_from) &&
                      read_id(row.getColumn(24), record.refers) &&
                      (row.getColumn(28).isNull() ||
                       read_as(row.getColumn(28), record.conflict.emplace(), conflict_from)) &&
                      read_id(row.getColumn(29), record.against);
  if (!listed) return fail(Errc::storage_corrupt);
  return record;
}

Result<std::vector<TapRecord>> collect(SQLite::Statement& rows) {
  std::vector<TapRecord> records;
  while (rows.executeStep()) {
    auto record = read_tap(rows);
    if (!record) return std::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace passgate::gate
