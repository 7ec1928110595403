// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "gate/pass_mirror.h"
#include "gate/vocabulary.h"

namespace passgate::gate {

/// What to do when the mirror cannot say.
enum class Fallback : std::uint8_t { deny, admit };

/// The rules of one `[[pass]]`.
struct PassPolicy {
  /// How often the pass admits; absent: reusable without limit.
  std::optional<unsigned> uses = 1;
  std::vector<std::string> zones;  ///< Empty: any.
  Fallback on_unknown = Fallback::deny;
  Fallback on_stale = Fallback::deny;
  std::chrono::seconds max_cache_age{86400};
  std::chrono::seconds max_skew{600};  ///< 0: the stamp is not checked.
};

/// Where and when the pass is presented.
struct Presentation {
  std::string zone;
  WallTime now;
  ClockState clock = ClockState::unset;
  std::optional<WallTime> stamped_at;  ///< Apple's inner timestamp; absent for Google.
  bool cryptogram_seen = false;        ///< The journal remembers this very cryptogram.
};

/// What this terminal's journal knows of the pass.
struct History {
  unsigned uses = 0;                  ///< Uses consumed.
  std::optional<WallTime> first_use;  ///< When the first was; for the steward.
  std::string first_reader;
};

struct Verdict {
  Decision decision = Decision::deny;
  Reason reason = Reason::unknown;
  std::optional<unsigned> use_no;  ///< Set exactly when admitting.
};

/// Whether the list that `belief` comes from is older than `policy` allows, or was
/// never complete. With a clock that is certainly wrong nobody can say.
bool is_stale(const PassPolicy& policy, const Belief& belief, WallTime now) noexcept;

/// Admit or deny: a pure function with one fixed order (docs/gate-rules.md):
/// replay and freshness of the cryptogram, knowledge, staleness, state, window,
/// zone, uses. Always has an answer.
Verdict decide(const PassPolicy& policy, const Presentation& presentation, const Belief& belief,
               const History& history) noexcept;

}  // namespace passgate::gate
