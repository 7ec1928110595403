// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "gate/history.h"
#include "gate/local_calendar.h"
#include "gate/pass_mirror.h"
#include "gate/vocabulary.h"

namespace passgate::gate {

/// What to do when the mirror cannot say.
enum class Fallback : std::uint8_t { deny, admit };

/// Whether somebody may come back under a use that was consumed before.
enum class Reentry : std::uint8_t { never, after_exit, always };

/// The rules of one `[[pass]]`.
struct PassPolicy {
  /// How often the pass admits; absent: reusable without limit.
  std::optional<unsigned> uses = 1;
  bool uses_per_zone = false;  ///< `uses` counts in each zone by itself.
  Reentry reentry = Reentry::never;
  std::chrono::seconds reentry_within{0};     ///< After the use was consumed; 0: without end.
  std::chrono::seconds passback{0};           ///< No second entry so soon without an exit; 0: off.
  std::optional<LocalCalendar> once_per_day;  ///< One use in a calendar day of this place.
  std::chrono::seconds grace_before{0};       ///< Entry this much before valid_from …
  std::chrono::seconds grace_after{0};        ///< … and after valid_until.
  std::vector<std::string> zones;             ///< Empty: any.
  std::optional<Direction> only;              ///< The one direction the pass is for; absent: both.
  unsigned max_party = 1;
  bool partial_party = false;        ///< Fewer uses left than people: admits as many as there are.
  std::vector<std::string> revoked;  ///< Pass ids, sorted.
  std::vector<std::string> blocked;  ///< The same.
  Fallback on_unknown = Fallback::deny;
  Fallback on_stale = Fallback::deny;
  std::chrono::seconds max_cache_age{86400};
  std::chrono::seconds max_skew{600};  ///< 0: the stamp is not checked.
  /// A clock in holdover that may be further off counts as wrong; absent: any will do.
  std::optional<std::chrono::seconds> max_clock_error;
};

/// Where and when the pass is presented.
struct Presentation {
  std::string zone;
  Direction direction = Direction::entry;
  std::string pass_id;  ///< For `revoked` and `blocked`.
  unsigned party = 1;   ///< From 1.
  WallTime now;
  ClockState clock = ClockState::unset;
  std::optional<Milliseconds> clock_error;  ///< Absent: unknown.
  std::string boot_id;
  std::int64_t monotonic_ns = 0;
  std::optional<WallTime> stamped_at;  ///< Apple's inner timestamp; absent for Google.
  bool cryptogram_seen = false;        ///< The journal remembers this very cryptogram.
  std::optional<unsigned> room;        ///< People the zone still takes; absent: any number.
};

struct Verdict {
  Decision decision = Decision::deny;
  Reason reason = Reason::unknown;
  /// Set exactly when admitting consumes uses: the first of `party` numbers. An exit
  /// and a re-entry consume none.
  std::optional<unsigned> use_no;
  unsigned party = 1;  ///< People admitted.
  Flag flag = Flag::none;
};

/// Whether the list that `belief` comes from is older than `policy` allows, or was
/// never complete. With a clock that is certainly wrong nobody can say.
bool is_stale(const PassPolicy& policy, const Belief& belief, WallTime now) noexcept;

/// Admit or deny: a pure function with one fixed order (docs/gate-rules.md):
/// replay and freshness of the cryptogram; knowledge; revoked, blocked; age and
/// state of what the cloud says; window; zone, direction; party; anti-passback,
/// re-entry, once a day, uses; capacity. An exit skips age, window, uses and
/// capacity. Always has an answer.
Verdict decide(const PassPolicy& policy, const Presentation& presentation, const Belief& belief,
               const History& history) noexcept;

}  // namespace passgate::gate
