// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "core/clock.h"
#include "sim/tap/phone.h"

namespace passgate::sim {

/// Which phone taps, as the command line says it. Exactly one of a pass, a
/// recording and a hostility.
struct PhoneChoice {
  std::string wallet = "apple";
  std::string pass_type_id;
  std::string key_file;
  std::string payload;
  std::string payload_hex;
  std::string stamp;  ///< RFC 3339; empty: now.
  std::chrono::seconds::rep stamp_skew_s = 0;
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
