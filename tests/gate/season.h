// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gate/journal.h"

namespace passgate::gate {

/// A season at one gate, over any number of power cuts: every guest comes three
/// times with a pass for one admission. Keeps what was promised (shown to
/// somebody) and compares it with what a journal still knows.
class Season {
 public:
  explicit Season(std::uint64_t seed);

  /// Goes on where it stopped. False: the journal failed, the guest at the gate
  /// was turned away and will come again.
  bool play(Journal& journal);

  /// What the journal in this file, opened with a plain disk, gets wrong after
  /// a cut: each line one broken promise.
  std::vector<std::string> broken_promises(const std::filesystem::path& journal);
  /// When the season is over: each guest went in once.
  std::vector<std::string> miscounts(Journal& journal) const;

 private:
  bool present(Journal& journal, const std::string& pass_id);
  bool note_old_tap(Journal& journal);
  bool chores(Journal& journal, const TapRecord& record);
  void check_records(const std::vector<TapRecord>& records, std::vector<std::string>& broken) const;

  std::mt19937_64 random_;
  std::vector<std::string> visits_;  ///< Pass ids in the order they come.
  std::size_t next_visit_ = 0;
  std::uint64_t taps_ = 0;
  std::map<TapId, TapRecord> promised_;  ///< record() said yes.
  std::map<TapId, TapRecord> in_doubt_;  ///< The power went during record().
  std::set<TapId> effected_;             ///< mark_effected() was called.
  std::map<std::string, int> shown_;     ///< Green lamps.
  std::uint64_t said_acknowledged_ = 0;  ///< acknowledge() said yes.
  std::uint64_t acknowledged_ = 0;       ///< And a record was written after that.
  std::uint64_t tried_acknowledging_ = 0;
};

}  // namespace passgate::gate
