// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "gate/merge.h"

namespace passgate::gate {

/// What is still to be told of a pass.
struct NewsScope {
  /// Whose admissions are held against a revocation: each terminal knows best when
  /// its own cloud took a pass back, and tells of its own taps only.
  std::string_view own_terminal;
  /// Whether merge() was given a revocation. Without one nothing is known, and what
  /// was told of one stands.
  bool revocation_known = false;
};

/// Compares what was found with what was told: a conflict record for each that is
/// new, a withdrawal for each that is no longer true. A conflict whose records have
/// been deleted with age stands. Pure; after its records are kept there is no news.
/// @param found    Of merge() over `records`.
/// @param records  Every record of the pass; this terminal's conflict records too.
std::vector<TapRecord> conflict_news(std::span<const FoundConflict> found,
                                     std::span<const TapRecord> records, const NewsScope& scope);

}  // namespace passgate::gate
