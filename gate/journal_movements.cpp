// SPDX-License-Identifier: Apache-2.0
// Of the journal: who went in and out, here and at other terminals.
#include <SQLiteCpp/Column.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "gate/history.h"
#include "gate/journal_rows.h"
#include "gate/journal_store.h"
#include "gate/latest_emptying.h"

namespace passgate::gate {
namespace {

Result<std::optional<TapRecord>> one(SQLite::Statement& select) {
  if (!select.executeStep()) return std::nullopt;
  auto record = read_tap(select);
  if (!record) return std::unexpected(record.error());
  return std::move(*record);
}

/// People in (positive) or out of the zone, by a tap or an override.
std::int64_t people_moved(const TapRecord& record) {
  if (record.decision != Decision::admit || record.kind == Kind::conflict) return 0;
  const bool in = record.direction == Direction::entry;
  return in ? std::int64_t{record.party} : -std::int64_t{record.party};
}

/// By an undo, of which `movements` hold one: as many as are inside less without
/// what it takes back. Who has left since, through an exit or because the zone was
/// emptied, does not leave once more.
std::int64_t people_moved_back(std::vector<TapRecord> movements, const TapRecord& undo,
                               const HistoryScope& scope) {
  const auto found = std::ranges::find(
      movements, undo.refers, [](const TapRecord& each) { return std::optional(each.tap_id); });
  if (found == movements.end()) return 0;  // So old that its record is gone.
  if (found->direction == Direction::exit) {
    const bool counts = !scope.emptied_at || found->at >= *scope.emptied_at;
    return counts ? std::int64_t{found->party} : 0;
  }
  PassRecords own{.own = std::move(movements), .peers = {}};
  const std::int64_t after = history_of(own, scope).inside;
  std::erase_if(own.own, [&](const TapRecord& each) { return each.tap_id == undo.tap_id; });
  return after - std::int64_t{history_of(own, scope).inside};
}

void bind_pass(SQLite::Statement& select, std::string_view pass_template,
               std::string_view pass_id) {
  select.bind(1, std::string(pass_template));
  select.bind(2, std::string(pass_id));
  select.bind(3, static_cast<std::int64_t>(Journal::kMostMovements));
}

}  // namespace

Status Journal::Store::add_records(PassRecords& records, SQLite::Statement& own,
                                   SQLite::Statement& peers, std::string_view pass_template,
                                   std::string_view pass_id) {
  const Bound ours(own);
  bind_pass(*ours, pass_template, pass_id);
  auto found = collect(*ours);
  if (!found) return std::unexpected(found.error());
  std::ranges::move(*found, std::back_inserter(records.own));
  const Bound theirs(peers);
  bind_pass(*theirs, pass_template, pass_id);
  while (theirs->executeStep()) {
    const auto body = nlohmann::json::parse(theirs->getColumn(0).getString(), nullptr, false);
    auto record = tap_record_from(body);
    if (!record) return fail(Errc::storage_corrupt);
    records.peers.push_back(std::move(*record));
  }
  return {};
}

std::uint64_t Journal::Store::last_movement(const TapRecord& of_pass) {
  const Bound newest(newest_movement);
  newest->bindNoCopy(1, of_pass.pass_template);
  newest->bindNoCopy(2, of_pass.pass_id);
  return newest->executeStep() ? static_cast<std::uint64_t>(newest->getColumn(0).getInt64()) : 0;
}

Status Journal::Store::move(const TapRecord& record, const Guard& guard) {
  if (record.zone.empty()) return {};
  if (guard.emptied_at) {
    const Bound since(set_since_back);
    since->bindNoCopy(1, record.zone);
    since->bind(2, stored(*guard.emptied_at));
    since->bind(3, stored(latest_emptying(record.at)));
    since->exec();
  }
  std::int64_t people = people_moved(record);
  if (record.kind == Kind::undo) {
    const Bound own(select_movements);
    bind_pass(*own, record.pass_template, record.pass_id);
    auto movements = collect(*own);
    if (!movements) return std::unexpected(movements.error());
    people = people_moved_back(std::move(*movements), record,
                               {.zone = record.zone, .emptied_at = guard.emptied_at});
  }
  if (people == 0) return {};
  const Bound count(move_people);
  count->bindNoCopy(1, record.zone);
  count->bind(2, people);
  count->bind(3, guard.emptied_at ? stored(*guard.emptied_at) : 0);
  count->executeStep();
  const bool fit = !guard.capacity || people < 0 ||
                   count->getColumn(0).getInt64() <= std::int64_t{*guard.capacity};
  if (!fit) return fail(Errc::use_taken);
  return {};
}

Result<PassRecords> Journal::movements(std::string_view pass_template, std::string_view pass_id) {
  return store_->reading([&]() -> Result<PassRecords> {
    PassRecords records;
    const Status read = store_->add_records(records, store_->select_movements,
                                            store_->select_peer_movements, pass_template, pass_id);
    if (!read) return std::unexpected(read.error());
    return records;
  });
}

Result<PassRecords> Journal::all_of(std::string_view pass_template, std::string_view pass_id) {
  return store_->reading([&]() -> Result<PassRecords> {
    PassRecords records;
    Status read = store_->add_records(records, store_->select_movements,
                                      store_->select_peer_movements, pass_template, pass_id);
    if (read) {
      read = store_->add_records(records, store_->select_rest, store_->select_peer_rest,
                                 pass_template, pass_id);
    }
    if (!read) return std::unexpected(read.error());
    return records;
  });
}

Result<unsigned> Journal::inside(std::string_view zone, std::optional<WallTime> emptied_at) {
  return store_->reading([&]() -> Result<unsigned> {
    const Bound find(store_->find_inside);
    find->bind(1, std::string(zone));
    find->bind(2, emptied_at ? stored(*emptied_at) : 0);
    return find->executeStep() ? find->getColumn(0).getUInt() : 0;
  });
}

Result<std::optional<TapRecord>> Journal::find(const TapId& tap) {
  return store_->reading([&] {
    const Bound find(store_->find_tap);
    find->bind(1, tap.text());
    return one(*find);
  });
}

Result<std::optional<TapRecord>> Journal::act_on(const TapId& tap, Kind kind) {
  return store_->reading([&] {
    const Bound find(store_->find_act);
    find->bind(1, tap.text());
    find->bind(2, std::string(name(kind)));
    return one(*find);
  });
}

}  // namespace passgate::gate
