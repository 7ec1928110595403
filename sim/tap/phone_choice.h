// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "sim/tap/phone.h"

namespace passgate::sim {

/// Which phone taps, as the command line says it. Exactly one of a pass, a
/// recording and a hostility. What the command line did not say is absent.
struct PhoneChoice {
  std::string wallet = "apple";
  std::string key_file;  ///< The terminal's, or the collector's.
  std::string payload;
  // Of an Apple wallet.
  std::string pass_type_id;
  std::string payload_hex;
  std::string stamp;  ///< RFC 3339; empty: now.
  std::optional<std::chrono::seconds::rep> stamp_skew_s;
  // Of a Google wallet.
  std::optional<std::uint32_t> collector_id;
  std::optional<std::uint32_t> key_version;  ///< Absent: 1.
  std::string object_type;                   ///< A name of apdu::ObjectKind; empty: generic.
  std::string object_id;                     ///< 16 hex digits; empty: from the payload.
  std::string pin;
  bool older = false;
  std::optional<std::size_t> frame;  ///< Bytes in one answer, 1 to 256.
  // Of either.
  bool locked = false;
  bool choose = false;
  bool no_pass = false;
  bool tamper = false;
  std::string replay_file;
  std::string hostile;
};

/// What is wrong with a choice, for a person, with its sysexits status.
struct ChoiceError {
  int status;
  std::string message;
};

/// The phone of the n-th tap. A recording's contacts are taken in turn.
/// @param clock  Borrowed; outlives the phone.
std::expected<std::unique_ptr<Phone>, ChoiceError> make_phone(const PhoneChoice& choice,
                                                              std::size_t n, const Clock& clock);

}  // namespace passgate::sim
