// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gate/decision.h"
#include "tests/gate/sample_taps.h"

namespace passgate::gate {

inline constexpr const char* kBoot = "6f1c0d4e-0000-4000-8000-000000000001";

/// Both clocks `ago` before evening(): of the boot that situations are in, if not said otherwise.
inline Instant instant(Milliseconds ago, const char* boot = kBoot) {
  const Milliseconds since_boot = std::chrono::hours(1000) - ago;
  return {.at = evening() - ago,
          .clock = ClockState::synchronised,
          .clock_error = {},
          .boot_id = boot,
          .monotonic_ns = std::chrono::nanoseconds(since_boot).count()};
}

/// Everything a decision looks at; by default a pass that is good to go in.
struct Situation {
  PassPolicy policy;
  Presentation at{.zone = "north",
                  .pass_id = "838b8cf60dac2bfad9",
                  .now = evening(),
                  .clock = ClockState::synchronised,
                  .boot_id = kBoot,
                  .monotonic_ns = instant(Milliseconds(0)).monotonic_ns,
                  .stamped_at = evening() - std::chrono::seconds(2),
                  .cryptogram_seen = false};
  Belief belief{.knowledge = Belief::Knowledge::listed,
                .state = PassState::valid,
                .valid_from = {},
                .valid_until = {},
                .swept_at = evening() - std::chrono::minutes(5)};
  History history;

  /// So many used up, the last of them `ago`, and so many of these people inside.
  void used(unsigned uses, unsigned inside, Milliseconds ago) {
    history.uses = history.last_use_no = uses;
    history.inside = inside;
    history.last_uses = history.last_entries = {instant(ago)};
  }
  Verdict verdict() const { return decide(policy, at, belief, history); }
};

/// "a stamp, just too old" → "AStampJustTooOld": a row's title as the name of its test.
inline std::string test_name(const std::string& title) {
  std::string text;
  bool start = true;
  for (const char c : title) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) text += start ? static_cast<char>(std::toupper(c)) : c;
    start = !letter && c != '\'';
  }
  return text;
}

}  // namespace passgate::gate
