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

/// One tap that read a pass, or what an operator or a merge said of one, as the
/// journal keeps it and as it is told to others. Holds the pass id and no other
/// content of the pass.
struct TapRecord {
  /// Assigned by the journal: 1, 2, 3 …, never reused. The terminal's sequence:
  /// what it wrote, it wrote in this order, whatever its clock said.
  std::uint64_t position = 0;
  Kind kind = Kind::tap;
  TapId tap_id;
  WallTime at;          ///< Wall clock at the decision.
  std::string boot_id;  ///< Which boot `monotonic_ns` belongs to.
  std::int64_t monotonic_ns = 0;
  ClockState clock = ClockState::unset;
  std::optional<Milliseconds> clock_error;  ///< Bound on the error of `at`; absent: unknown.
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
  /// 1-based; set exactly when uses were consumed: as many as `party`, this the first.
  std::optional<unsigned> use_no;
  unsigned party = 1;  ///< People that came with the pass and were judged together.
  Flag flag = Flag::none;
  bool effected = false;  ///< Lamp and keyboard were done for it.

  // Of overrides, undos and conflicts.
  // An override's `reason` is the one that it sets aside, an undo's is ok.
  std::optional<TapId> refers;  ///< Override: the refusal. Undo: the admission. Conflict: either.
  std::string operator_id;      ///< Who overrode or undid.
  std::string why;              ///< In the operator's words.
  bool needed = false;          ///< Override: the rules would have refused still.
  std::optional<Conflict> conflict;
  std::optional<TapId> against;  ///< Conflict: an admission that took the use.
  bool order_certain = false;    ///< Conflict: the clocks leave no doubt which came first.

  friend bool operator==(const TapRecord&, const TapRecord&) = default;
};

/// The record as it travels over core.sock and control.sock (flat object, wire
/// names of the event format plus position, boot_id, monotonic_ns, effected).
nlohmann::json to_json(const TapRecord& record);
/// Errors: bad_value (a member is missing, of the wrong type or not in its list).
Result<TapRecord> tap_record_from(const nlohmann::json& json);

}  // namespace passgate::gate
