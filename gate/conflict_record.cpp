// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "gate/merge.h"

namespace passgate::gate {
namespace {

/// Spreads every bit of `word` over all of them; a permutation (the finalizer that
/// splitmix64 and others use).
std::uint64_t spread(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
  return word ^ (word >> 31);
}

/// Bytes from `from` on, big-endian.
std::uint64_t half(const TapId& id, std::size_t from) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | id.bytes()[from + i];
  return word;
}

/// Ten bytes of everything that makes one telling differ from another. No secret
/// and no adversary: the tap ids that go in are random, two different inputs give
/// the same 74 bits about as often as two taps do.
std::array<std::uint8_t, 10> mixed(const FoundConflict& found, bool withdrawn, unsigned repeat) {
  const TapId against = found.against.value_or(TapId());
  const std::array<std::uint64_t, 5> words{
      half(found.tap, 0), half(found.tap, 8), half(against, 0), half(against, 8),
      std::uint64_t{repeat} << 8 | static_cast<std::uint64_t>(found.kind) << 2 |
          (found.order_certain ? 2U : 0U) | (withdrawn ? 1U : 0U)};
  std::uint64_t first = 0x9E3779B97F4A7C15ULL;
  std::uint64_t second = 0xD1B54A32D192ED03ULL;
  for (const std::uint64_t word : words) {
    first = spread(first ^ word);
    second = spread(second + word);
  }
  std::array<std::uint8_t, 10> bits{};
  for (std::size_t i = 0; i < 8; ++i) bits[i] = static_cast<std::uint8_t>(first >> (8 * i));
  bits[8] = static_cast<std::uint8_t>(second);
  bits[9] = static_cast<std::uint8_t>(second >> 8);
  return bits;
}

}  // namespace

TapRecord conflict_record(const FoundConflict& found, const TapRecord& about, bool withdrawn,
                          unsigned repeat) {
  TapRecord record = about;
  record.position = 0;
  record.kind = Kind::conflict;
  record.tap_id = TapId::derived(found.tap, mixed(found, withdrawn, repeat));
  record.use_no.reset();  // It consumes none.
  record.flag = withdrawn ? Flag::withdrawn : Flag::none;
  record.effected = false;
  record.refers = found.tap;
  record.operator_id.clear();
  record.why.clear();
  record.needed = false;
  record.conflict = found.kind;
  record.against = found.against;
  record.order_certain = found.order_certain;
  return record;
}

}  // namespace passgate::gate
