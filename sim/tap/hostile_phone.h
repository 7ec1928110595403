// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/tap/phone.h"

namespace passgate::sim {

/// Ways to hurt a reader.
enum class Hostility : std::uint8_t {
  lying_fci,      ///< SELECT answers lengths that point past the end.
  lying_lengths,  ///< GET VAS DATA answers lengths that point past the end.
  endless_61,     ///< "More data" for ever (61xx).
  endless_6c,     ///< "Wrong Le" for ever (6Cxx).
  empty,          ///< No bytes at all.
  one_byte,       ///< Half a status word.
  oversize,       ///< An answer far beyond what a short APDU can have.
  deep,           ///< Templates inside templates inside templates.
  garbage,        ///< A well-formed cryptogram object full of nonsense.
  leaves,         ///< Gone after SELECT.
  // As an Android phone.
  endless_9100,  ///< "More data" for ever, in Smart Tap's words.
  zlib_bomb,     ///< A few kilobytes that inflate to four megabytes.
  lying_ndef,    ///< A bundle whose record claims four gigabytes.
};

/// "lying-fci", "endless-61", …
std::optional<Hostility> hostility_from(std::string_view name) noexcept;
std::string_view name(Hostility kind) noexcept;

/// An attacker's phone: a wallet as far as SELECT or NEGOTIATE goes (where that
/// is not the attack itself), then as told. Deterministic.
class HostilePhone final : public Phone {
 public:
  explicit HostilePhone(Hostility kind) noexcept : kind_(kind) {}

  void activate() override {}
  std::optional<Bytes> answer(ByteView command) override;

 private:
  Hostility kind_;
};

}  // namespace passgate::sim
