// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "tests/gate/sample_taps.h"

// What terminals write of one pass while they cannot speak to each other.
namespace passgate::gate {

using namespace std::chrono_literals;

inline WallTime morning() {
  return evening();
}

/// A record of `terminal`; no two calls give one tap id, so keep it to name it again.
inline TapRecord offline_tap(const std::string& terminal, std::uint64_t position,
                             std::chrono::seconds after) {
  static std::uint64_t number = 1'000'000;
  TapRecord record = tap(++number, "visitor", std::nullopt);
  record.terminal = terminal;
  record.boot_id = "boot-of-" + terminal;
  record.position = position;
  record.at = morning() + after;
  record.monotonic_ns = std::chrono::nanoseconds(after).count();
  record.clock_error = Milliseconds(0);
  return record;
}
inline TapRecord admitted(const std::string& terminal, unsigned position,
                          std::chrono::seconds after) {
  TapRecord record = offline_tap(terminal, position, after);
  record.decision = Decision::admit;
  record.reason = Reason::ok;
  record.use_no = position;
  return record;
}
inline TapRecord refused(const std::string& terminal, std::uint64_t position,
                         std::chrono::seconds after, Reason reason) {
  TapRecord record = offline_tap(terminal, position, after);
  record.reason = reason;
  return record;
}
inline TapRecord left(const std::string& terminal, std::uint64_t position,
                      std::chrono::seconds after) {
  TapRecord record = offline_tap(terminal, position, after);
  record.decision = Decision::admit;
  record.reason = Reason::ok;
  record.direction = Direction::exit;
  return record;
}
inline TapRecord undone(const std::string& terminal, std::uint64_t position,
                        std::chrono::seconds after, const TapRecord& admission) {
  TapRecord record = offline_tap(terminal, position, after);
  record.kind = Kind::undo;
  record.reason = Reason::ok;
  record.refers = admission.tap_id;
  record.party = admission.party;
  return record;
}
inline TapRecord overridden(const std::string& terminal, unsigned position,
                            std::chrono::seconds after, const TapRecord& refusal) {
  TapRecord record = admitted(terminal, position, after);
  record.kind = Kind::override;
  record.refers = refusal.tap_id;
  record.needed = true;
  return record;
}

}  // namespace passgate::gate
