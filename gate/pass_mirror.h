// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::gate {

/// What a provider's cloud says of a pass (canonical states of all clouds).
/// `removed` (no longer installed) is not by itself a refusal, so it is no state.
enum class PassState : std::uint8_t { valid, redeemed, voided, expired, not_yet_valid, unknown };
std::string_view name(PassState) noexcept;
std::optional<PassState> pass_state_from(std::string_view) noexcept;

/// What this terminal believes about one pass, and since when.
struct Belief {
  enum class Knowledge : std::uint8_t {
    no_provider,  ///< The `[[pass]]` names none: validity is not checked.
    no_mirror,    ///< passes.db is absent, unreadable or was never filled.
    not_listed,   ///< The mirror is there and does not know the pass.
    listed,
  };
  Knowledge knowledge = Knowledge::no_mirror;
  PassState state = PassState::unknown;  ///< Meaningful when listed.
  std::optional<WallTime> valid_from;
  std::optional<WallTime> valid_until;
  std::optional<WallTime> swept_at;  ///< Last complete sweep of this template.
};

/// Read side of passes.db, which belongs to passgate-syncd. The schema is the
/// contract between the two processes (written by sync/store):
///
///   CREATE TABLE passes(provider TEXT, template TEXT, join_value TEXT, state TEXT NOT NULL,
///     valid_from INTEGER, valid_until INTEGER, sweep INTEGER NOT NULL,
///     PRIMARY KEY(provider, template, join_value)) WITHOUT ROWID;      -- times: Unix ms
///   CREATE TABLE sweeps(provider TEXT, template TEXT, sweep INTEGER NOT NULL,
///     completed_at INTEGER, PRIMARY KEY(provider, template)) WITHOUT ROWID;
///   PRAGMA user_version = 1, or 2 (with more columns, the writer's own);
///
/// One instance a reader thread: it is not thread-safe. Opens the file at the
/// first look-up and again when it was missing or replaced; one short query a
/// call, no transaction kept open, no mmap, trusted_schema off,
/// cell_size_check on.
class PassMirror {
 public:
  explicit PassMirror(std::filesystem::path passes_db);
  PassMirror(PassMirror&&) noexcept;
  PassMirror& operator=(PassMirror&&) noexcept;
  ~PassMirror();

  /// Never fails: a mirror that cannot be read is `no_mirror`.
  Belief look_up(std::string_view provider, std::string_view pass_template,
                 std::string_view join_value);

 private:
  struct Store;
  std::filesystem::path path_;
  std::unique_ptr<Store> store_;
};

}  // namespace passgate::gate
