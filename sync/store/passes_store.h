// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// Write side of passes.db, the mirror of what the clouds say of their passes;
/// its schema is the contract in gate/pass_mirror.h. Everything in it can be
/// fetched again, so it need not survive a power cut to the last row.
///
/// A sweep puts its rows in while it runs: each page was valid by itself, and a
/// revoked pass should not wait for the last page. Only a complete sweep
/// calls voided what it did not see, and renews `completed_at`; one that breaks
/// off therefore never takes a pass away nor makes the mirror look fresh.
///
/// A pass that was seen valid and is voided now was taken back in between: the
/// revocation is kept, for the gate to hold admissions against (ADR 31). It goes
/// when the pass is valid again.
///
/// Thread-safe: one connection behind a mutex.
class PassesStore {
 public:
  /// Opens or creates (mode 0640: passgated reads it through the group).
  /// Errors: those of open_database.
  static Result<PassesStore> open(const std::filesystem::path& path);
  PassesStore(PassesStore&&) noexcept;
  PassesStore& operator=(PassesStore&&) noexcept;
  ~PassesStore();

  /// Between which moments an answer of the cloud was true: from when it was asked
  /// to when it had answered. Absent where it is a parameter: the clock is not to be
  /// believed; what is voided then has no time.
  struct Look {
    WallTime from;
    WallTime until;
  };

  /// Where a sweep of a template stands.
  struct SweepPlace {
    std::int64_t number = 0;
    std::string checkpoint;  ///< Of the last page stored; empty: none.
    std::size_t rows = 0;    ///< Stored so far.
  };
  /// What is known of a template's sweeps.
  struct SweepHistory {
    std::optional<WallTime> completed_at;  ///< Of the last sweep, or of the last changes.
    std::optional<WallTime> full_at;       ///< Of the last sweep that saw everything.
    std::string since;                     ///< To ask for changes with; empty: none.
    SweepPlace last;
  };
  Result<SweepHistory> history(std::string_view provider, std::string_view pass_template);

  /// A number greater than that of every sweep before, also of those that broke off.
  Result<std::int64_t> begin_sweep(std::string_view provider, std::string_view pass_template);

  /// Inserts or updates; in transactions of at most some thousand rows, the
  /// last of which keeps `checkpoint` too.
  Status add(std::string_view provider, std::string_view pass_template, std::int64_t sweep,
             std::span<const MirrorRow> rows, std::string_view checkpoint = "",
             const std::optional<Look>& look = {});

  /// Ends a sweep: calls voided what it did not see, notes when.
  /// @param distinct  Passes it must have seen.
  /// Errors: out_of_sequence (it saw fewer, or a later sweep began; nothing was
  /// taken away, the mirror keeps its age).
  Status complete(std::string_view provider, std::string_view pass_template, std::int64_t sweep,
                  std::size_t distinct, WallTime at, std::string_view since = "",
                  const std::optional<Look>& look = {});
  /// Ends a reading of changes: what did not change is as fresh as what did.
  /// @param began  When it was first asked for.
  Status refreshed(std::string_view provider, std::string_view pass_template, WallTime at,
                   std::string_view since, const std::optional<Look>& began = {});
  /// The next sweep is to see everything, from the first page.
  Status forget_place(std::string_view provider, std::string_view pass_template);

  /// One pass, outside of any sweep; one that is under way counts it as seen.
  Status put(std::string_view provider, std::string_view pass_template, const MirrorRow& row,
             const std::optional<Look>& look = {});
  /// Calls a pass voided, if it is known. `false`: it is not.
  Result<bool> call_voided(std::string_view provider, std::string_view pass_template,
                           std::string_view join_value, const std::optional<Look>& look = {});

  /// What the provider's URLs call the pass. Absent: not known.
  Result<std::optional<std::string>> provider_id(std::string_view provider,
                                                 std::string_view pass_template,
                                                 std::string_view join_value);
  struct Place {
    std::string pass_template;
    std::string join_value;
  };
  /// Which pass it is that the provider's URLs call so. Absent: not known.
  Result<std::optional<Place>> find_by_provider_id(std::string_view provider,
                                                   std::string_view provider_id);

  /// When the last complete sweep ended. Absent: there was none.
  Result<std::optional<WallTime>> completed_at(std::string_view provider,
                                               std::string_view pass_template);

 private:
  struct Store;
  explicit PassesStore(std::unique_ptr<Store> store) noexcept;
  std::unique_ptr<Store> store_;
};

}  // namespace passgate::sync
