// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate_judge.h"

#include <algorithm>

namespace passgate::daemon {

Result<GateJudge::Judged> GateJudge::judge(const Case& shown) const {
  const PassTerms& terms = shown.terms;
  // History first: a copy of this cryptogram at another reader is then either
  // seen here, or recorded later, and meets us at the guard.
  const auto movements = parts_.journal.movements(terms.pass_template, shown.pass_id);
  if (!movements) return std::unexpected(movements.error());
  const auto seen =
      shown.digest ? parts_.journal.seen(*shown.digest, shown.at) : Result<bool>(false);
  if (!seen) return std::unexpected(seen.error());
  const ClockState clock = parts_.clock.state();
  const terms::CountedZone* zone = terms::zone_named(parts_.zones, shown.zone);
  const auto emptied_at = zone != nullptr ? zone->emptied_at(shown.at, clock) : std::nullopt;
  const auto room =
      zone != nullptr ? room_in(*zone, emptied_at) : Result<std::optional<unsigned>>(std::nullopt);
  if (!room) return std::unexpected(room.error());
  const gate::Belief belief =
      terms.provider.empty()
          ? gate::Belief{.knowledge = gate::Belief::Knowledge::no_provider}
          : parts_.mirror.look_up(terms.provider, terms.pass_template, shown.pass_id);

  const bool per_zone = terms.policy.uses_per_zone;
  Judged judged;
  judged.history = gate::history_of(
      *movements,
      {.zone = per_zone ? std::optional(shown.zone) : std::nullopt, .emptied_at = emptied_at});
  judged.verdict =
      gate::decide(terms.policy,
                   {.zone = shown.zone,
                    .direction = shown.direction,
                    .pass_id = shown.pass_id,
                    .party = shown.party,
                    .now = shown.at,
                    .clock = clock,
                    .clock_error = parts_.clock.error_bound(),
                    .boot_id = parts_.boot_id,
                    .monotonic_ns = parts_.clock.monotonic().time_since_epoch().count(),
                    .stamped_at = shown.stamped_at,
                    .cryptogram_seen = *seen,
                    .room = *room},
                   belief, judged.history);
  judged.guard = {.seen_until = judged.history.seen_until,
                  .capacity = zone != nullptr ? zone->capacity : std::nullopt,
                  .emptied_at = emptied_at};
  return judged;
}

Result<std::optional<unsigned>> GateJudge::room_in(const terms::CountedZone& zone,
                                                   std::optional<WallTime> emptied_at) const {
  if (!zone.capacity) return std::nullopt;
  const auto inside = parts_.journal.inside(zone.name, emptied_at);
  if (!inside) return std::unexpected(inside.error());
  return *zone.capacity - std::min(*inside, *zone.capacity);
}

}  // namespace passgate::daemon
