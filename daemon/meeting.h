// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "daemon/pass_terms.h"
#include "gate/journal.h"
#include "gate/merge.h"
#include "gate/pass_mirror.h"
#include "runtime/log.h"

namespace passgate::daemon {

/// What happens when terminals that could not speak to each other meet again: the
/// other's records are kept, and what follows from all of them is told as conflict
/// records of this journal (gate/merge.h, ADR 31). The answer to
///   merge {"taps":[RECORD…]}
/// which is
///   {"type":"merged","new":n,"known":n,"own":n,"skipped":n,
///    "refused":[{"index":i,"tap_id"?:ID,"error":"bad_value|not_listed|contradicts"}],
///    "conflicts":n,"withdrawn":n,"unsettled":n}
/// RECORD is to_json(TapRecord). `own` are this terminal's, under its name of today
/// or an earlier one, which its journal knows better; `skipped` are conflicts, which every terminal
/// finds by itself, and taps whose pass nobody could open. A refused record changes nothing; the
/// others count. `conflicts` were told and `withdrawn` were taken back within this call, for these
/// passes or others; `unsettled` passes are left for idle moments, or for the next
/// question: one without taps settles some more.
///
/// Nothing is lost by a crash: a pass stays unsettled on disk until what follows
/// is told, and telling it twice gives one record. Thread-safe: one at a time.
class Meeting {
 public:
  static constexpr std::size_t kBatch = 256;  ///< Records a question.

  /// References outlive *this.
  struct Parts {
    const std::vector<PassTerms>& passes;
    gate::Journal& journal;
    const runtime::Log& log;
    std::function<void()> written;  ///< There are new records in the journal.
    std::filesystem::path passes_db;
    std::string terminal;
    gate::EmptyingHours hours;
    std::set<std::string> voided_by_use;  ///< Providers: their "voided" tells of no revocation.
  };
  explicit Meeting(Parts parts) : parts_(std::move(parts)), mirror_(parts_.passes_db) {}

  /// For the socket thread; takes a second or two at most.
  /// Errors: too_large (more than kBatch), storage_*.
  Result<nlohmann::json> answer(const nlohmann::json& question);

  /// For idle moments: looks for revocations, and settles what is left over.
  /// @param budget  Begins nothing more after that long.
  void settle(Milliseconds budget);

  /// Conflicts told since the start, by kind: {"duplicate_offline":n,…}
  nlohmann::json told() const;

 private:
  struct Told {
    std::size_t conflicts = 0;
    std::size_t withdrawn = 0;
  };
  Told settle_until(MonoTime deadline);
  Status settle_pass(const gate::Journal::Unsettled& pass, Told& told);
  void look_for_revocations(MonoTime deadline);
  const PassTerms* terms_of(std::string_view pass_template) const;
  /// Whether a record is here already.
  enum class Here : std::uint8_t { no, told, own };
  /// bad_value, not_listed, contradicts: it is not taken. Errors: storage_*.
  Result<std::expected<Here, Errc>> look_for(const gate::TapRecord& record) const;

  Parts parts_;
  std::mutex mutex_;  ///< Held for everything but `told_`.
  gate::PassMirror mirror_;
  std::array<std::atomic<std::uint64_t>, 4> told_{};  ///< By gate::Conflict.
};

}  // namespace passgate::daemon
