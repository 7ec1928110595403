// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/clock.h"
#include "daemon/pass_terms.h"
#include "daemon/reader_supervisor.h"
#include "daemon/tap_statistics.h"
#include "gate/journal.h"
#include "gate/pass_mirror.h"
#include "runtime/config.h"
#include "terms/counted_zone.h"

namespace passgate::daemon {

/// What passgated says of itself. Used by the socket thread.
class TerminalStatus {
 public:
  struct Parts {
    const runtime::Config& config;
    const std::vector<PassTerms>& passes;
    const std::vector<terms::CountedZone>& zones;
    gate::Journal& journal;
    gate::PassMirror& mirror;  ///< Of the socket thread.
    const ReaderSupervisor& readers;
    const TapStatistics& statistics;
    const Clock& clock;
  };
  /// @param parts  What it refers to is only used by the calls below.
  TerminalStatus(Parts parts, MonoTime started) : parts_(parts), started_(started) {}

  /// The answer to `status`:
  ///   {"type":"status","version","terminal","time","clock","clock_error_ms"?,"uptime_s","pcsc":bool,
  ///    "journal":{"healthy","last_position","acknowledged"},
  ///    "readers":[{"reader","name":PC/SC,"state","visits"}],
  ///    "passes":[{"name","template","keys":[{"wallet","version"?,"key_id"}], and with a provider:
  ///    "provider","max_cache_age_s",
  ///               "stale":bool,"swept_at"?}],
  ///    "zones":[{"zone","inside":people,"capacity"?}],
  ///    "taps":TapStatistics}
  /// and beside these, from App, "conflicts":{KIND:n} told since the start.
  nlohmann::json status() const;
  /// What followers are told when it changes (socket_service.h).
  nlohmann::json state() const;

 private:
  nlohmann::json zones() const;
  static nlohmann::json keys_of(const PassTerms& terms);
  nlohmann::json pass_entry(const PassTerms& terms) const;

  Parts parts_;
  MonoTime started_;
};

}  // namespace passgate::daemon
