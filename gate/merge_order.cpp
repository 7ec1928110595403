// SPDX-License-Identifier: Apache-2.0
#include "gate/merge_order.h"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "gate/merge.h"

namespace passgate::gate {
namespace {

bool is_bounded(const TapRecord& record) {
  if (record.clock == ClockState::unset) return false;
  return record.clock_error || record.clock == ClockState::synchronised;
}

// A file may name any time and any bound: they stop at the ends of the range.
WallTime earliest_of(const TapRecord& record) {
  if (!is_bounded(record)) return WallTime::min();
  const Milliseconds error = record.clock_error.value_or(Milliseconds(0));
  return record.at < WallTime::min() + error ? WallTime::min() : record.at - error;
}
WallTime latest_of(const TapRecord& record) {
  if (!is_bounded(record)) return WallTime::max();
  const Milliseconds error = record.clock_error.value_or(Milliseconds(0));
  return record.at > WallTime::max() - error ? WallTime::max() : record.at + error;
}

auto by_sequence(const Placed& placed) {
  return std::tuple(std::string_view(placed.record->terminal), placed.record->position,
                    placed.record->tap_id);
}

/// One terminal's records, in its own sequence. What comes later bounds what came
/// before: a tap by an unset clock was not after the next one that knows its time.
/// Unless the clocks say that the later one was the earlier: then one of them was
/// set back or forth in between, and neither says anything of the other.
void bound_by_sequence(std::span<Placed> own) {
  WallTime bound = WallTime::max();
  for (Placed& placed : own | std::views::reverse) {
    bound = placed.earliest > bound ? placed.latest : std::min(bound, placed.latest);
    placed.latest = bound;
  }
  // And the sequence stands, whatever the clock said.
  WallTime reached = WallTime::min();
  for (Placed& placed : own) placed.latest = reached = std::max(reached, placed.latest);
}

}  // namespace

std::vector<Placed> in_order(std::span<const TapRecord> records) {
  std::vector<Placed> placed;
  placed.reserve(records.size());
  for (const TapRecord& record : records) {
    placed.push_back({&record, earliest_of(record), latest_of(record)});
  }
  std::ranges::sort(placed, {}, by_sequence);
  for (auto first = placed.begin(); first != placed.end();) {
    const auto last = std::find_if(first, placed.end(), [&](const Placed& other) {
      return other.record->terminal != first->record->terminal;
    });
    bound_by_sequence({first, last});
    first = last;
  }
  std::ranges::sort(placed, {}, [](const Placed& one) {
    return std::tuple_cat(std::tuple(one.latest), by_sequence(one));
  });
  return placed;
}

bool surely_before(const Placed& first, const Placed& second) {
  if (first.record->terminal == second.record->terminal) {
    return by_sequence(first) < by_sequence(second);
  }
  return first.latest < second.earliest;
}

void keep_latest(std::vector<Placed>& latest, const Placed& next) {
  std::erase_if(latest, [&](const Placed& kept) { return surely_before(kept, next); });
  latest.push_back(next);
}

std::vector<Instant> instants_of(std::span<const Placed> records) {
  std::vector<Instant> instants;
  for (const Placed& placed : records) instants.push_back(instant_of(*placed.record));
  return instants;
}

void put_in_order(std::vector<TapRecord>& records) {
  const std::vector<Placed> order = in_order(records);
  std::vector<TapRecord> ordered;
  ordered.reserve(records.size());
  // The order points into `records`, which is about to be replaced.
  for (const Placed& placed : order) {
    ordered.push_back(std::move(records[static_cast<std::size_t>(placed.record - records.data())]));
  }
  records = std::move(ordered);
}

}  // namespace passgate::gate
