// SPDX-License-Identifier: Apache-2.0
#include "gate/vocabulary.h"

#include <array>
#include <cstddef>
#include <utility>

namespace passgate::gate {
namespace {

template <class Value>
using Named = std::pair<Value, std::string_view>;

constexpr std::array kDecisions{
    Named<Decision>{Decision::admit, "admit"},
    Named<Decision>{Decision::deny, "deny"},
    Named<Decision>{Decision::read, "read"},
};

constexpr std::array kReasons{
    Named<Reason>{Reason::ok, "ok"},
    Named<Reason>{Reason::same_tap, "same_tap"},
    Named<Reason>{Reason::unknown, "unknown"},
    Named<Reason>{Reason::undecryptable, "undecryptable"},
    Named<Reason>{Reason::revoked, "revoked"},
    Named<Reason>{Reason::blocked, "blocked"},
    Named<Reason>{Reason::voided, "voided"},
    Named<Reason>{Reason::expired, "expired"},
    Named<Reason>{Reason::not_yet_valid, "not_yet_valid"},
    Named<Reason>{Reason::wrong_gate, "wrong_gate"},
    Named<Reason>{Reason::wrong_template, "wrong_template"},
    Named<Reason>{Reason::rule, "rule"},
    Named<Reason>{Reason::already_redeemed, "already_redeemed"},
    Named<Reason>{Reason::uses_exhausted, "uses_exhausted"},
    Named<Reason>{Reason::passback, "passback"},
    Named<Reason>{Reason::direction, "direction"},
    Named<Reason>{Reason::capacity, "capacity"},
    Named<Reason>{Reason::stale_cache, "stale_cache"},
    Named<Reason>{Reason::stale_stamp, "stale_stamp"},
    Named<Reason>{Reason::replayed, "replayed"},
    Named<Reason>{Reason::clock_untrusted, "clock_untrusted"},
    Named<Reason>{Reason::claim_unavailable, "claim_unavailable"},
    Named<Reason>{Reason::provider_refused, "provider_refused"},
    Named<Reason>{Reason::out_of_order, "out_of_order"},
    Named<Reason>{Reason::locked, "locked"},
    Named<Reason>{Reason::choose, "choose"},
    Named<Reason>{Reason::no_pass, "no_pass"},
    Named<Reason>{Reason::not_a_wallet, "not_a_wallet"},
    Named<Reason>{Reason::lost, "lost"},
    Named<Reason>{Reason::remote_unavailable, "remote_unavailable"},
};

constexpr std::array kDirections{
    Named<Direction>{Direction::entry, "entry"},
    Named<Direction>{Direction::exit, "exit"},
};

constexpr std::array kWallets{
    Named<Wallet>{Wallet::apple, "apple"},
    Named<Wallet>{Wallet::google, "google"},
};

constexpr std::array kKinds{
    Named<Kind>{Kind::tap, "tap"},
    Named<Kind>{Kind::override, "override"},
    Named<Kind>{Kind::undo, "undo"},
    Named<Kind>{Kind::conflict, "conflict"},
};

constexpr std::array kConflicts{
    Named<Conflict>{Conflict::duplicate_offline, "duplicate_offline"},
    Named<Conflict>{Conflict::after_revocation, "after_revocation"},
    Named<Conflict>{Conflict::race, "race"},
    Named<Conflict>{Conflict::wrongly_refused, "wrongly_refused"},
};

constexpr std::array kFlags{
    Named<Flag>{Flag::none, "none"},
    Named<Flag>{Flag::exit_without_entry, "exit_without_entry"},
    Named<Flag>{Flag::partial_party, "partial_party"},
    Named<Flag>{Flag::withdrawn, "withdrawn"},
};

/// The tables are indexed by value, so a row out of order is a wrong name.
template <class Value, std::size_t N>
constexpr bool in_order(const std::array<Named<Value>, N>& table) {
  for (std::size_t i = 0; i < N; ++i) {
    if (static_cast<std::size_t>(table[i].first) != i) return false;
  }
  return true;
}
static_assert(in_order(kDecisions) && in_order(kReasons) && in_order(kDirections) &&
              in_order(kWallets) && in_order(kKinds) && in_order(kConflicts) && in_order(kFlags));
static_assert(kReasons.size() == static_cast<std::size_t>(Reason::remote_unavailable) + 1);

template <class Value, std::size_t N>
std::string_view name_in(const std::array<Named<Value>, N>& table, Value value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? table[index].second : std::string_view("unlisted");
}

template <class Value, std::size_t N>
std::optional<Value> value_in(const std::array<Named<Value>, N>& table,
                              std::string_view text) noexcept {
  for (const auto& [value, known] : table) {
    if (known == text) return value;
  }
  return std::nullopt;
}

}  // namespace

// Not provider_refused: a cloud that was asked has said no to this very pass. Not
// stale_stamp, lost: the phone's.
bool is_own_fault(Reason reason) noexcept {
  switch (reason) {
    case Reason::undecryptable:
    case Reason::stale_cache:
    case Reason::clock_untrusted:
    case Reason::claim_unavailable:
    case Reason::out_of_order:
    case Reason::remote_unavailable: return true;
    default: return false;
  }
}

std::string_view name(Decision decision) noexcept {
  return name_in(kDecisions, decision);
}
std::string_view name(Reason reason) noexcept {
  return name_in(kReasons, reason);
}
std::string_view name(Direction direction) noexcept {
  return name_in(kDirections, direction);
}
std::string_view name(Wallet wallet) noexcept {
  return name_in(kWallets, wallet);
}
std::string_view name(Kind kind) noexcept {
  return name_in(kKinds, kind);
}
std::string_view name(Conflict conflict) noexcept {
  return name_in(kConflicts, conflict);
}
std::string_view name(Flag flag) noexcept {
  return name_in(kFlags, flag);
}

std::optional<Decision> decision_from(std::string_view text) noexcept {
  return value_in(kDecisions, text);
}
std::optional<Reason> reason_from(std::string_view text) noexcept {
  return value_in(kReasons, text);
}
std::optional<Direction> direction_from(std::string_view text) noexcept {
  return value_in(kDirections, text);
}
std::optional<Wallet> wallet_from(std::string_view text) noexcept {
  return value_in(kWallets, text);
}
std::optional<Kind> kind_from(std::string_view text) noexcept {
  return value_in(kKinds, text);
}
std::optional<Conflict> conflict_from(std::string_view text) noexcept {
  return value_in(kConflicts, text);
}
std::optional<Flag> flag_from(std::string_view text) noexcept {
  return value_in(kFlags, text);
}

}  // namespace passgate::gate
