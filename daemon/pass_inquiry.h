// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "daemon/gate_judge.h"
#include "daemon/pass_terms.h"
#include "gate/journal.h"
#include "gate/pass_mirror.h"
#include "runtime/config.h"

namespace passgate::daemon {

/// What this terminal believes about one pass, and why: the answer to
///   pass {"template":T,"pass_id":P}
/// which is
///   {"type":"pass","time":NOW,"pass":NAME,"template":T,"pass_id":P,"provider":NAME|null,
///    "belief":{"knowledge":"no_provider|no_mirror|not_listed|listed",
///              "state"?,"valid_from"?,"valid_until"?,"swept_at"?},
///    "history":{"uses":n,"inside":people,"first_use"?,"first_reader"?,"last_entry"?},
///    "now":[{"zone":Z,"direction":D,"readers":[NAME…],"decision":"admit|deny","reason":REASON,
///            "use"?,"flag"?}],
///    "taps":[the last kTaps journal records of the pass, newest first]}
/// Members with a "?" are there when they are known. `now` is what a tap without
/// a time stamp, of one person, would be answered at this moment, once for each zone
/// and direction of the readers in gate mode that ask for this pass. `history` is of
/// all zones together. A reader without a configured
/// name stands there by its glob.
///
/// T is a template's id or the name of a `[[pass]]`, names first; of several
/// with one template the first. Looks only; used by the socket thread.
class PassInquiry {
 public:
  static constexpr std::size_t kTaps = 10;

  /// @param parts  Of the socket thread, as its mirror is. All outlive *this.
  PassInquiry(const runtime::Config& config, const std::vector<PassTerms>& passes,
              GateJudge::Parts parts)
      : config_(config), passes_(passes), parts_(parts), rules_(std::move(parts)) {}

  /// Errors: not_listed (no `[[pass]]` is called T), bad_value (no id, or one
  /// longer than any pass has), storage_*.
  Result<nlohmann::json> answer(const nlohmann::json& question) const;

 private:
  const PassTerms* terms_of(std::string_view name) const;
  Result<nlohmann::json> verdicts(const PassTerms& terms, const std::string& pass_id,
                                  WallTime now) const;

  const runtime::Config& config_;
  const std::vector<PassTerms>& passes_;
  GateJudge::Parts parts_;
  GateJudge rules_;
};

}  // namespace passgate::daemon
