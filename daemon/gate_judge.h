// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "daemon/pass_terms.h"
#include "gate/journal.h"
#include "gate/pass_mirror.h"
#include "terms/counted_zone.h"

namespace passgate::daemon {

/// Brings together what gate::decide judges by: the pass's past, the zone's
/// people, the cloud's word and the clocks. Used by one thread, as its mirror is.
class GateJudge {
 public:
  /// How often readers may be faster than each other before one gives up; each
  /// round means that another has admitted somebody.
  static constexpr int kMostRounds = 8;

  struct Parts {
    gate::Journal& journal;
    gate::PassMirror& mirror;
    const Clock& clock;
    const std::vector<terms::CountedZone>& zones;  ///< What it holds nothing of takes any number.
    std::string boot_id;
  };
  /// @param parts  What it refers to is only used by the calls below, and outlives *this.
  explicit GateJudge(Parts parts) : parts_(std::move(parts)) {}

  /// A pass at a gate.
  struct Case {
    const PassTerms& terms;
    std::string pass_id;
    std::string zone;
    gate::Direction direction = gate::Direction::entry;
    unsigned party = 1;
    WallTime at;
    std::optional<gate::CryptogramDigest> digest;  ///< Absent: none to be looked for.
    std::optional<WallTime> stamped_at;
  };
  struct Judged {
    gate::Verdict verdict;
    gate::History history;
    gate::Guard guard;  ///< What must still hold when an admission is written.
  };
  /// Errors: storage_*.
  Result<Judged> judge(const Case& shown) const;

 private:
  Result<std::optional<unsigned>> room_in(const terms::CountedZone& zone,
                                          std::optional<WallTime> emptied_at) const;

  Parts parts_;
};

}  // namespace passgate::daemon
