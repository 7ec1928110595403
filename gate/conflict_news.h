// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "gate/merge.h"
#include "gate/pass_records.h"

namespace passgate::gate {

/// Compares what was found with what was told: a conflict record for each that is
/// new, a withdrawal for each that is no longer true. A conflict whose records have
/// been deleted with age stands. Own admissions only are held against a revocation:
/// each terminal knows best when its own cloud took a pass back. Pure; after its
/// records are kept there is no news.
/// @param found    Of merge() over `records`.
/// @param records  Every record of the pass; this terminal's conflict records too.
/// @param revocation_known  Whether merge() was given one. Else nothing is known of
///                          it, and what was told of one stands.
std::vector<TapRecord> conflict_news(std::span<const FoundConflict> found,
                                     const PassRecords& records, bool revocation_known);

}  // namespace passgate::gate
