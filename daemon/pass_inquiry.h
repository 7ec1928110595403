// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
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
///    "history":{"uses":n,"first_use"?,"first_reader"?},
///    "now":[{"zone":Z,"readers":[NAME…],"decision":"admit|deny","reason":REASON}],
///    "taps":[the last kTaps journal records of the pass, newest first]}
/// Members with a "?" are there when they are known. `now` is what a tap without
/// a time stamp would be answered at this moment, once for each zone of the
/// readers in gate mode that ask for this pass. A reader without a configured
/// name stands there by its glob.
///
/// T is a template's id or the name of a `[[pass]]`, names first; of several
/// with one template the first. Looks only; used by the socket thread.
class PassInquiry {
 public:
  static constexpr std::size_t kTaps = 10;

  /// @param mirror  Of the socket thread. All outlive *this.
  PassInquiry(const runtime::Config& config, const std::vector<PassTerms>& passes,
              gate::Journal& journal, gate::PassMirror& mirror, const Clock& clock)
      : config_(config), passes_(passes), journal_(journal), mirror_(mirror), clock_(clock) {}

  /// Errors: not_listed (no `[[pass]]` is called T), bad_value (no id, or one
  /// longer than any pass has), storage_*.
  Result<nlohmann::json> answer(const nlohmann::json& question) const;

 private:
  const PassTerms* terms_of(std::string_view name) const;
  nlohmann::json verdicts(const PassTerms& terms, const gate::Belief& belief,
                          const gate::History& history, WallTime now) const;

  const runtime::Config& config_;
  const std::vector<PassTerms>& passes_;
  gate::Journal& journal_;
  gate::PassMirror& mirror_;
  const Clock& clock_;
};

}  // namespace passgate::daemon
