// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gate/history.h"
#include "gate/journal.h"

namespace passgate::gate {

inline constexpr const char* kTemplate = "ptk_0x14";

/// 2026-11-20T19:04:11.482Z
inline WallTime evening() {
  return WallTime(Milliseconds(1'795'201'451'482));
}

/// The n-th tap id: the same for the same n, in order.
inline TapId tap_id(std::uint64_t n) {
  std::array<std::uint8_t, 10> random{};
  for (std::size_t i = 0; i < 8; ++i) random[i + 2] = static_cast<std::uint8_t>(n >> (8 * (7 - i)));
  return TapId::make(evening() + Milliseconds(n), random);
}

inline CryptogramDigest digest(std::uint64_t n) {
  CryptogramDigest digest{};
  for (std::size_t i = 0; i < 8; ++i) digest[i] = static_cast<std::uint8_t>(n >> (8 * i));
  digest[31] = 0xD1;
  return digest;
}

/// An admitted tap that consumes `use_no`, or a refused one without it.
inline TapRecord tap(std::uint64_t n, const std::string& pass_id, std::optional<unsigned> use_no) {
  TapRecord record;
  record.tap_id = tap_id(n);
  record.at = evening() + Milliseconds(n);
  record.boot_id = "6f1c0d4e-0000-4000-8000-000000000001";
  record.monotonic_ns = static_cast<std::int64_t>(n) * 1'000'000;
  record.clock = ClockState::synchronised;
  record.terminal = "gate-a1";
  record.reader = "north-1";
  record.zone = "north";
  record.pass = "season-ticket";
  record.pass_template = kTemplate;
  record.pass_id = pass_id;
  record.provider = "main";
  record.decision = use_no ? Decision::admit : Decision::deny;
  record.reason = use_no ? Reason::ok : Reason::already_redeemed;
  record.use_no = use_no;
  return record;
}

/// As the journal of tap()'s terminal would have them.
inline PassRecords known_here(const std::vector<TapRecord>& records) {
  PassRecords known;
  for (const TapRecord& record : records) {
    (record.terminal == "gate-a1" ? known.own : known.peers).push_back(record);
  }
  return known;
}

/// What a terminal knows of a pass.
inline Result<History> history_in(Journal& journal, std::string_view pass_template,
                                  std::string_view pass_id) {
  const auto movements = journal.movements(pass_template, pass_id);
  if (!movements) return std::unexpected(movements.error());
  return history_of(*movements, {});
}

}  // namespace passgate::gate
