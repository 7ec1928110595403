// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/ids.h"
#include "core/result.h"
#include "gate/vocabulary.h"

namespace passgate::gate {

/// One tap that read a pass, as the journal keeps it and as it is told to
/// others. Holds the pass id and no other content of the pass.
struct TapRecord {
  std::uint64_t position = 0;  ///< Assigned by the journal: 1, 2, 3 …, never reused.
  TapId tap_id;
  WallTime at;          ///< Wall clock at the decision.
  std::string boot_id;  ///< Which boot `monotonic_ns` belongs to.
  std::int64_t monotonic_ns = 0;
  ClockState clock = ClockState::unset;
  std::string terminal;
  std::string reader;
  std::string zone;
  Direction direction = Direction::entry;
  Wallet wallet = Wallet::apple;
  std::string pass;           ///< Name of the `[[pass]]`.
  std::string pass_template;  ///< The provider's id for it.
  std::string pass_id;        ///< Empty when no key opened the pass.
  std::string object_id;      ///< Google's id of the object, hex; empty for Apple.
  std::string provider;       ///< Empty when none.
  Decision decision = Decision::deny;
  Reason reason = Reason::unknown;
  std::optional<unsigned> use_no;  ///< 1-based; set exactly when a use was consumed.
  bool effected = false;           ///< Lamp and keyboard were done for it.

  friend bool operator==(const TapRecord&, const TapRecord&) = default;
};

/// The record as it travels over core.sock and control.sock (flat object, wire
/// names of the event format plus position, boot_id, monotonic_ns, effected).
nlohmann::json to_json(const TapRecord& record);
/// Errors: bad_value (a member is missing, of the wrong type or not in its list).
Result<TapRecord> tap_record_from(const nlohmann::json& json);

}  // namespace passgate::gate
