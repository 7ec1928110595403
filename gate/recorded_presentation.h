// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gate/decision.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// The tap of a record, to be judged again. Its stamp and the room there was are
/// not in the record.
inline Presentation presentation_of(const TapRecord& record) {
  return {.zone = record.zone,
          .direction = record.direction,
          .pass_id = record.pass_id,
          .party = record.party,
          .now = record.at,
          .clock = record.clock,
          .clock_error = record.clock_error,
          .boot_id = record.boot_id,
          .monotonic_ns = record.monotonic_ns,
          .stamped_at = {},
          .room = {}};
}

}  // namespace passgate::gate
