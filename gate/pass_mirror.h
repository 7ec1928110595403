// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// A pass taken back by its cloud, between these two moments: the last look that
/// saw it valid and the first that did not.
struct Revocation {
  WallTime earliest;
  WallTime latest;
};

/// Read side of passes.db, which belongs to passgate-syncd. The schema is the
/// contract between the two processes (written by sync/store):
///
///   CREATE TABLE passes(provider TEXT, template TEXT, join_value TEXT, state TEXT NOT NULL,
///     valid_from INTEGER, valid_until INTEGER, sweep INTEGER NOT NULL,
///     PRIMARY KEY(provider, template, join_value)) WITHOUT ROWID;      -- times: Unix ms
///   CREATE TABLE sweeps(provider TEXT, template TEXT, sweep INTEGER NOT NULL,
///     completed_at INTEGER, PRIMARY KEY(provider, template)) WITHOUT ROWID;
///   CREATE TABLE revocations(no INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL,
///     template TEXT NOT NULL, join_value TEXT NOT NULL, earliest INTEGER NOT NULL,
///     latest INTEGER NOT NULL, UNIQUE(provider, template, join_value));
///   PRAGMA user_version = 3; 1 and 2 have no revocations. More columns are the writer's own.
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

  /// When the cloud took a pass back. Absent: it did not, or not while somebody looked.
  std::optional<Revocation> revocation(std::string_view provider, std::string_view pass_template,
                                       std::string_view join_value);
  struct Revoked {
    std::int64_t no = 0;
    std::string provider, pass_template, join_value;
  };
  /// The revocations with a number above `no`, in order; at most kRevokedAtOnce. None
  /// where the mirror cannot be read.
  std::vector<Revoked> revoked_after(std::int64_t no);
  static constexpr std::size_t kRevokedAtOnce = 128;
  /// Number of the newest; 0: none. Less than what was seen: it is another mirror.
  std::int64_t last_revocation();

 private:
  struct Store;
  /// Opens what is not open. Errors: storage_*, bad_version.
  Result<Store*> opened();
  template <class Work>
  auto reading(Work&& work) -> decltype(work(std::declval<Store&>()));

  std::filesystem::path path_;
  std::unique_ptr<Store> store_;
};

}  // namespace passgate::gate
