// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::sim {

/// What can be wrong with a cloud.
enum class FaultKind : std::uint8_t {
  status,          ///< Answers this HTTP status: 429, 500..599.
  drop_before,     ///< Closes the connection, the request had no effect.
  drop_after,      ///< Closes the connection, the request had its effect.
  slow,            ///< Answers late. Combines with any other.
  html,            ///< A page for people where JSON belongs, status 200.
  cut_off,         ///< Announces the whole body, sends half, closes.
  half_json,       ///< Half the JSON text as if it were all.
  same_page,       ///< Lists: page 1 for ever, always one more page to come.
  changing_total,  ///< Lists: total_count grows with every page asked for.
};
std::string_view name(FaultKind kind) noexcept;

struct Fault {
  FaultKind kind = FaultKind::status;
  unsigned value = 0;                   ///< status: HTTP status; slow: milliseconds.
  std::optional<unsigned> retry_after;  ///< status 429 and 503: seconds.
  std::optional<unsigned> remaining;    ///< Requests left; absent: for ever.
  unsigned percent = 100;               ///< Of the requests it is for, by lot.
  std::string method;                   ///< Only for this method; empty: any.
  std::uint64_t lot = 0;                ///< State of its generator.
};

/// The faults that one request meets.
struct Meeting {
  std::optional<Fault> fault;
  Milliseconds delay{0};
};

/// A list of faults that requests use up in order. The same plan and the same
/// requests give the same failures.
///
/// Written as `KIND[=VALUE][~PERCENT][*TIMES][@METHOD],…`, e.g.
/// `429=2*3` (Retry-After 2, three times), `503*2@PATCH`, `drop-after@PATCH`,
/// `slow=500`, `html*1`, `cut-off*1`, `half-json*1`, `same-page`, `changing-total`.
/// Without `*TIMES` a fault stays.
///
/// `~PERCENT` (1 to 100) meets that share of the requests instead of each:
/// `503~5,drop-before~5,drop-after~5,cut-off~5@POST`. Every fault draws lots of its
/// own, from a generator seeded by its place in the list, and draws for every
/// request it is for: whether a POST is hit does not depend on the GETs between.
/// Where several are drawn, the first in the list is met.
class FaultPlan {
 public:
  FaultPlan() = default;
  /// Errors: bad_value.
  static Result<FaultPlan> parse(std::string_view spec);

  /// Takes what applies to the next request: every `slow`, and the first other,
  /// of those whose lot was drawn.
  /// @param lists  Whether the request lists passes (same-page, changing-total).
  Meeting meet(std::string_view method, bool lists);

 private:
  std::vector<Fault> faults_;
};

}  // namespace passgate::sim
