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

/// Whether a refusal for `reason` is the terminal's own failure: it could not
/// judge, which says nothing against the pass, and the guest is not to blame. Such
/// a refusal must never look like "invalid ticket".
bool is_own_fault(Reason reason) noexcept;

enum class Direction : std::uint8_t { entry, exit };
enum class Wallet : std::uint8_t { apple, google };

/// What a journal record tells. A refused tap may be followed by an override, an
/// admission by an undo; neither changes the record that it refers to.
enum class Kind : std::uint8_t { tap, override, undo, conflict };

/// How records of terminals that could not speak to each other disagree
/// (gate/merge.h). Admissions are never reversed: a conflict is told, not mended.
enum class Conflict : std::uint8_t {
  duplicate_offline,  ///< Admitted beyond what the pass entitles to.
  after_revocation,   ///< Admitted although revoked before, beyond all clock error.
  race,               ///< Admitted and revoked at times that cannot be told apart.
  wrongly_refused,    ///< Refused what the others' records would have admitted.
};

/// What an operator should know of a record that is otherwise in order.
enum class Flag : std::uint8_t {
  none,
  exit_without_entry,
  partial_party,  ///< Fewer people than tapped for: the uses left did not cover all.
  withdrawn,      ///< Of a conflict: later records show that there is none.
};

std::string_view name(Decision) noexcept;
std::string_view name(Reason) noexcept;
std::string_view name(Direction) noexcept;
std::string_view name(Wallet) noexcept;
std::string_view name(Kind) noexcept;
std::string_view name(Conflict) noexcept;
std::string_view name(Flag) noexcept;
std::optional<Decision> decision_from(std::string_view) noexcept;
std::optional<Reason> reason_from(std::string_view) noexcept;
std::optional<Direction> direction_from(std::string_view) noexcept;
std::optional<Wallet> wallet_from(std::string_view) noexcept;
std::optional<Kind> kind_from(std::string_view) noexcept;
std::optional<Conflict> conflict_from(std::string_view) noexcept;
std::optional<Flag> flag_from(std::string_view) noexcept;

}  // namespace passgate::gate
