// SPDX-License-Identifier: Apache-2.0
#include "gate/simulated_past.h"

#include <algorithm>

#include "gate/journal.h"

namespace passgate::gate {

std::uint32_t TextTable::number_of(const std::string& text) {
  const auto [entry, is_new] =
      numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(&entry->first);
  return entry->second;
}

SimulatedPast::Pass& SimulatedPast::pass(const TapRecord& record) {
  // A template holds no control character; a pass id may hold anything.
  return passes_[record.pass_template + '\0' + record.pass_id];
}

void SimulatedPast::add(Pass& pass, const TapRecord& movement) {
  if (pass.movements.size() >= Journal::kMostMovements) {
    pass.movements.erase(pass.movements.begin());
  }
  pass.movements.push_back({.tap_id = movement.tap_id,
                            .refers = movement.refers,
                            .at = movement.at,
                            .monotonic_ns = movement.monotonic_ns,
                            .clock_error = movement.clock_error,
                            .position = movement.position,
                            .terminal = texts_.number_of(movement.terminal),
                            .zone = texts_.number_of(movement.zone),
                            .boot = texts_.number_of(movement.boot_id),
                            .use_no = movement.use_no.value_or(0),
                            .party = movement.party,
                            .kind = movement.kind,
                            .direction = movement.direction,
                            .clock = movement.clock});
}

TapRecord SimulatedPast::record_of(const Movement& movement) const {
  TapRecord record;
  record.position = movement.position;
  record.kind = movement.kind;
  record.tap_id = movement.tap_id;
  record.at = movement.at;
  record.boot_id = texts_.text(movement.boot);
  record.monotonic_ns = movement.monotonic_ns;
  record.clock = movement.clock;
  record.clock_error = movement.clock_error;
  record.terminal = texts_.text(movement.terminal);
  record.zone = texts_.text(movement.zone);
  record.direction = movement.direction;
  record.decision = movement.kind == Kind::undo ? Decision::deny : Decision::admit;
  record.reason = Reason::ok;
  if (movement.use_no > 0) record.use_no = movement.use_no;
  record.party = movement.party;
  record.refers = movement.refers;
  return record;
}

PassRecords SimulatedPast::movements(const Pass& pass, std::string_view terminal) const {
  PassRecords records;
  for (const Movement& movement : pass.movements) {
    TapRecord record = record_of(movement);
    auto& side = record.terminal == terminal ? records.own : records.peers;
    side.push_back(std::move(record));
  }
  return records;
}

std::optional<TapRecord> SimulatedPast::standing(const Pass& pass, const TapId& tap) const {
  const auto undoes = [&](const Movement& movement) {
    return movement.kind == Kind::undo && movement.refers == tap;
  };
  if (std::ranges::any_of(pass.movements, undoes)) return std::nullopt;
  const auto found = std::ranges::find(pass.movements, tap, &Movement::tap_id);
  if (found == pass.movements.end() || found->kind == Kind::undo) return std::nullopt;
  return record_of(*found);
}

}  // namespace passgate::gate
