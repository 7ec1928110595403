// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gate/decision.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// What a `[[zone]]` says, as far as it decides.
struct ZoneRules {
  std::optional<unsigned> capacity;
  std::optional<LocalCalendar> calendar;  ///< With `empties_at`.
  std::chrono::minutes empties_at{0};     ///< After midnight there.
};

/// The rules that a past is judged by.
struct SimulatedRules {
  std::map<std::string, PassPolicy, std::less<>> passes;  ///< By the name of the `[[pass]]`.
  std::map<std::string, ZoneRules, std::less<>> zones;    ///< Others are unbounded.
};

/// What a record comes to under other rules.
enum class Simulated : std::uint8_t {
  judged,      ///< By the rules: `verdict`.
  kept,        ///< Its reason lies outside the journal: it stays as recorded.
  other_pass,  ///< The rules have no such `[[pass]]`: it stays as recorded.
  applied,     ///< An override or undo, taken over.
  moot,        ///< An override or undo of what did not come about.
  no_matter,   ///< A conflict, or a read in wedge mode.
};

struct SimulatedTap {
  Simulated kind = Simulated::no_matter;
  Verdict verdict;       ///< When judged.
  bool differs = false;  ///< In decision, reason, people, or whether uses are consumed.
};

/// Judges a past again, by other rules: each tap with the history that these
/// rules would have made, as if each terminal had known at once what the others
/// did. What the journal does not hold - the provider's word, the cryptogram -
/// is taken to have been as it was.
///
/// Memory: about 150 bytes for each movement, and as much for each pass; of a
/// pass the newest Journal::kMostMovements. Not thread-safe.
class Simulation {
 public:
  explicit Simulation(SimulatedRules rules);
  Simulation(Simulation&&) noexcept;
  Simulation& operator=(Simulation&&) noexcept;
  ~Simulation();

  /// The next record, in gate/merge.h's order, each once.
  SimulatedTap next(const TapRecord& record);

 private:
  struct Past;
  std::unique_ptr<Past> past_;
};

}  // namespace passgate::gate
