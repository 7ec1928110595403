// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace passgate::gate {

/// `read` is wedge mode: the pass was read and typed, nobody was judged.
enum class Decision : std::uint8_t { admit, deny, read };

/// Why. The closed list of the event format; the names are wire names.
enum class Reason : std::uint8_t {
  ok,
  same_tap,
  unknown,
  undecryptable,
  revoked,
  blocked,
  voided,
  expired,
  not_yet_valid,
  wrong_gate,
  wrong_template,
  rule,
  already_redeemed,
  uses_exhausted,
  passback,
  direction,
  capacity,
  stale_cache,
  stale_stamp,
  replayed,
  clock_untrusted,
  claim_unavailable,
  provider_refused,
  out_of_order,
  // Taps that read no pass.
  locked,
  choose,
  no_pass,
  not_a_wallet,
  lost,
  remote_unavailable,
};

enum class Direction : std::uint8_t { entry, exit };
enum class Wallet : std::uint8_t { apple, google };

std::string_view name(Decision) noexcept;
std::string_view name(Reason) noexcept;
std::string_view name(Direction) noexcept;
std::string_view name(Wallet) noexcept;
std::optional<Decision> decision_from(std::string_view) noexcept;
std::optional<Reason> reason_from(std::string_view) noexcept;
std::optional<Direction> direction_from(std::string_view) noexcept;
std::optional<Wallet> wallet_from(std::string_view) noexcept;

}  // namespace passgate::gate
