// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gate/decision.h"
#include "tests/gate/sample_taps.h"

namespace passgate::gate {

/// One pass at one terminal whose clock may be anything, while the test knows
/// what time it really is. Has no disk: its records are a vector.
class SimulatedTerminal {
 public:
  explicit SimulatedTerminal(WallTime start) : truth_(start) {}

  PassPolicy policy;
  ClockState clock = ClockState::synchronised;
  std::optional<Milliseconds> error;  ///< What the terminal says; the test sees that it is true.
  Milliseconds offset{0};             ///< How far the wall clock is off in truth.

  void wait(Milliseconds time) {
    truth_ += time;
    since_boot_ += time;
  }
  void reboot() {
    ++boot_;
    since_boot_ = Milliseconds(0);
  }
  WallTime truth() const { return truth_; }
  const std::vector<TapRecord>& records() const { return records_; }
  History history() const { return history_of({.own = records_, .peers = {}}, {}); }

  /// Presents the pass; an admission is recorded.
  Verdict present(Direction direction, unsigned party = 1) {
    TapRecord record = now(Kind::tap);
    record.direction = direction;
    const Presentation at{.zone = record.zone,
                          .direction = direction,
                          .pass_id = record.pass_id,
                          .party = party,
                          .now = record.at,
                          .clock = record.clock,
                          .clock_error = record.clock_error,
                          .boot_id = record.boot_id,
                          .monotonic_ns = record.monotonic_ns};
    const Belief belief{.knowledge = Belief::Knowledge::no_provider};
    const Verdict verdict = decide(policy, at, belief, history());
    record.decision = verdict.decision;
    record.reason = verdict.reason;
    record.use_no = verdict.use_no;
    record.party = verdict.party;
    record.flag = verdict.flag;
    if (verdict.decision == Decision::admit) records_.push_back(record);
    return verdict;
  }

  void undo(const TapRecord& admission) {
    TapRecord act = now(Kind::undo);
    act.reason = Reason::ok;
    act.direction = admission.direction;
    act.party = admission.party;
    act.refers = admission.tap_id;
    records_.push_back(act);
  }

 private:
  TapRecord now(Kind kind) {
    TapRecord record = tap(++written_, "the-pass", std::nullopt);
    record.kind = kind;
    record.position = written_;
    record.at = truth_ + offset;
    record.boot_id = "boot " + std::to_string(boot_);
    record.monotonic_ns = std::chrono::nanoseconds(since_boot_).count();
    record.clock = clock;
    record.clock_error = error;
    return record;
  }

  WallTime truth_;
  Milliseconds since_boot_{0};
  unsigned boot_ = 1;
  std::uint64_t written_ = 0;
  std::vector<TapRecord> records_;
};

}  // namespace passgate::gate
