// SPDX-License-Identifier: Apache-2.0
#include "gate/merge.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace passgate::gate {
namespace {

/// The latest moment at which `record` can have been written.
WallTime latest(const TapRecord& record) {
  if (record.clock == ClockState::unset) return WallTime::max();
  if (record.clock_error) {
    return record.at > WallTime::max() - *record.clock_error ? WallTime::max()
                                                             : record.at + *record.clock_error;
  }
  return record.clock == ClockState::synchronised ? record.at : WallTime::max();
}

using Rank = std::tuple<WallTime, std::string_view, std::uint64_t, TapId>;
Rank rank(const TapRecord& record) {
  return {latest(record), record.terminal, record.position, record.tap_id};
}

}  // namespace

void put_in_order(std::vector<TapRecord>& records) {
  // Each terminal's own sequence first; then whichever of their heads is earliest.
  std::map<std::string, std::vector<TapRecord>> by_terminal;
  for (TapRecord& record : records) by_terminal[record.terminal].push_back(std::move(record));
  records.clear();
  std::size_t left = 0;
  for (auto& [terminal, own] : by_terminal) {
    std::ranges::sort(own, std::ranges::greater(), [](const TapRecord& record) {
      return std::tuple(record.position, record.tap_id);
    });
    left += own.size();
  }
  for (; left > 0; --left) {
    std::vector<TapRecord>* first = nullptr;
    for (auto& [terminal, own] : by_terminal) {
      if (!own.empty() && (first == nullptr || rank(own.back()) < rank(first->back())))
        first = &own;
    }
    records.push_back(std::move(first->back()));
    first->pop_back();
  }
}

}  // namespace passgate::gate
