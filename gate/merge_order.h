// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "gate/history.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// A record and the span of time in which it can have been written, by the clocks.
struct Placed {
  const TapRecord* record;  ///< Borrowed.
  WallTime earliest;        ///< By its own clock; WallTime::min(): nobody can say.
  WallTime latest;          ///< The later records of its terminal count too; max(): nobody can say.
};

/// The order of put_in_order(), without moving the records.
std::vector<Placed> in_order(std::span<const TapRecord> records);

/// Whether the clocks leave no doubt that `first` was written before `second`; of
/// one terminal, whether it stands before it.
bool surely_before(const Placed& first, const Placed& second);

/// Of records that are met in their order, those of which none is surely before
/// another: which of them was the last, clocks may not tell.
void keep_latest(std::vector<Placed>& latest, const Placed& next);
std::vector<Instant> instants_of(std::span<const Placed> records);

}  // namespace passgate::gate
