// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "daemon/gate_judge.h"
#include "daemon/pass_terms.h"
#include "daemon/tap_report.h"
#include "gate/journal.h"
#include "runtime/account_limit.h"

namespace passgate::daemon {

/// What a person at the gate decides against the rules (ADR 30):
///   override {"tap_id":ID,"operator":NAME,"why":TEXT}   lets in whom a tap refused
///   undo     {"tap_id":ID,"operator":NAME,"why":TEXT}   takes an admission or an override back
///   -> {"type":"act","tap":RECORD,"new":bool}
/// The act is a record of its own and changes none. A tap is overridden, or
/// undone, once: a repeat answers with what stands ("new":false). Nothing is
/// typed and no lamp shown: the person is there.
///
/// Used by the socket thread.
class OperatorActs {
 public:
  static constexpr std::size_t kLongestName = runtime::kLongestAccount;  ///< Bytes.
  static constexpr std::size_t kLongestWhy = 500;

  /// What is borrowed outlives *this.
  struct Parts {
    const std::vector<PassTerms>& passes;
    GateJudge::Parts rules;                         ///< Its mirror: the socket thread's.
    std::function<void(const TapReport&)> publish;  ///< Must not block.
    std::vector<gate::Reason> allowed;              ///< `[override] allow`.
  };
  explicit OperatorActs(Parts parts) : parts_(std::move(parts)), rules_(parts_.rules) {}

  /// Either, by the question's "type".
  Result<nlohmann::json> answer(const nlohmann::json& question) const;
  /// Errors: bad_value (no tap id; an empty or too long name or reason, or one
  /// with control characters), no_such_tap, not_refused, not_overridable,
  /// use_taken (readers were faster eight times), storage_*.
  Result<nlohmann::json> override(const nlohmann::json& question) const;
  /// Errors: as override, but not_admitted for its two.
  Result<nlohmann::json> undo(const nlohmann::json& question) const;

 private:
  struct Order {
    gate::TapRecord about;
    std::string operator_id;
    std::string why;
    std::optional<gate::TapRecord> done;  ///< The act there is already.
  };
  Result<Order> order_of(const nlohmann::json& question, gate::Kind kind) const;
  gate::TapRecord act_on(const Order& order, gate::Kind kind) const;
  std::optional<WallTime> emptied_at(const gate::TapRecord& act) const;
  const PassTerms* terms_of(const gate::TapRecord& record) const;
  Result<gate::Guard> admit(gate::TapRecord& act, const PassTerms& terms) const;
  nlohmann::json tell(gate::TapRecord act, std::uint64_t position) const;

  Parts parts_;
  GateJudge rules_;
};

}  // namespace passgate::daemon
