// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gate/pass_records.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// Each of few texts once: a season's records name the same terminals, zones and
/// boots over and over.
class TextTable {
 public:
  std::uint32_t number_of(const std::string& text);
  const std::string& text(std::uint32_t number) const { return *texts_[number]; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;  ///< Its keys never move.
  std::deque<const std::string*> texts_;
};

/// The movements of simulated passes, small. Not thread-safe.
class SimulatedPast {
 public:
  struct Movement {
    TapId tap_id;
    std::optional<TapId> refers;
    WallTime at;
    std::int64_t monotonic_ns = 0;
    std::optional<Milliseconds> clock_error;
    std::uint64_t position = 0;
    std::uint32_t terminal = 0;
    std::uint32_t zone = 0;
    std::uint32_t boot = 0;
    std::uint32_t use_no = 0;  ///< 0: none.
    std::uint32_t party = 1;
    Kind kind = Kind::tap;
    Direction direction = Direction::entry;
    ClockState clock = ClockState::unset;
  };
  struct Pass {
    std::vector<Movement> movements;
    bool used = false;  ///< By the records: a use was consumed at some time.
  };

  Pass& pass(const TapRecord& record);
  /// As records again, as the journal of `terminal` would have them.
  PassRecords movements(const Pass& pass, std::string_view terminal) const;
  /// Forgets the oldest beyond what a journal would still look at.
  void add(Pass& pass, const TapRecord& movement);
  /// The movement of this tap that stands; absent: there is none.
  std::optional<TapRecord> standing(const Pass& pass, const TapId& tap) const;

 private:
  TapRecord record_of(const Movement& movement) const;
  TextTable texts_;
  std::unordered_map<std::string, Pass> passes_;
};

}  // namespace passgate::gate
