// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/ids.h"
#include "gate/vocabulary.h"

namespace passgate::daemon {

using Micros = std::chrono::microseconds;

/// Where a tap's time went. `exchange` is the reader's and the phone's; `act`
/// contains the pace of the keyboard; the rest is our own.
struct StageTimes {
  Micros exchange{0};  ///< Inside SCardTransmit and SCardDisconnect.
  Micros session{0};   ///< The wallet protocol between exchanges.
  Micros open{0};      ///< Key agreement, decryption, naming.
  Micros decide{0};    ///< Mirror, history, the rules, and a fleet's claim.
  Micros journal{0};   ///< The transaction and its fsync.
  Micros act{0};       ///< Lamp and keyboard.

  Micros own() const noexcept { return session + open + decide + journal; }
};

/// What became of the text of a tap.
enum class Typed : std::uint8_t { nothing, typed, untypable, failed };
std::string_view name(Typed) noexcept;

/// Everything worth telling about a tap, whether it read a pass or not: for
/// `passgate taps -f` and the screens. Holds of the pass what its `display`
/// allows, and its id.
struct TapReport {
  TapId tap_id;
  std::optional<std::uint64_t> position;  ///< In the journal; absent when it is not there.
  WallTime at;
  std::string reader;
  std::string zone;
  gate::Direction direction = gate::Direction::entry;
  gate::Decision decision = gate::Decision::deny;
  gate::Reason reason = gate::Reason::no_pass;
  std::optional<gate::Wallet> wallet;  ///< Of the pass; absent when none was read.
  std::string pass;
  std::string pass_template;
  std::string pass_id;
  std::map<std::string, std::string> display;  ///< What `[[pass]] display` names, of this pass.
  std::optional<unsigned> use_no;
  unsigned party = 1;  ///< People: admitted, or refused together.
  gate::Flag flag = gate::Flag::none;
  std::optional<WallTime> first_use;  ///< For a refused second use.
  std::string first_reader;
  Typed typed = Typed::nothing;

  // Of an operator's act, which is told like a tap.
  gate::Kind kind = gate::Kind::tap;
  std::optional<TapId> refers;  ///< The tap it is about.
  std::string operator_id;
  std::string why;

  StageTimes stages;
};

nlohmann::json to_json(const TapReport& report);

}  // namespace passgate::daemon
