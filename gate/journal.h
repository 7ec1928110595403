// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "gate/decision.h"
#include "gate/pass_records.h"
#include "gate/tap_record.h"

namespace passgate::gate {

/// SHA-256 of a cryptogram: enough to know it again, useless to open it.
using CryptogramDigest = std::array<std::uint8_t, 32>;

/// A cryptogram to remember with a tap, and how long.
struct Remember {
  CryptogramDigest digest;
  WallTime until;
};

/// What `record` must still find true, or nothing is written: two readers may
/// have decided on the same people at the same moment.
struct Guard {
  std::optional<std::uint64_t> seen_until;  ///< No newer movement of the pass (History).
  std::optional<unsigned> capacity;         ///< People in the zone afterwards, at most.
  std::optional<WallTime> emptied_at;       ///< The zone's; who entered before has left.
};

/// What this terminal did, durable before anybody sees it: journal.db, private
/// to passgated. SQLite in WAL mode with synchronous=FULL.
///
/// Thread-safe: one connection behind a mutex. When a call returns success the
/// data is on disk (but for mark_effected and acknowledge).
class Journal {
 public:
  struct Options {
    std::filesystem::path path;
    std::string vfs;  ///< SQLite VFS name; empty: the system's. For fault tests.
    /// 0 OFF … 2 FULL. Only the test that proves FULL matters passes another.
    int synchronous = 2;
  };

  /// Opens or creates, migrates to the current schema, recovers the WAL.
  /// Errors: storage_unwritable, storage_full, storage_busy, storage_corrupt
  /// (integrity or foreign file), bad_version (a newer passgate wrote it). A
  /// file that is refused is left as it is.
  static Result<Journal> open(const Options& options);
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

  /// The admissions, overrides and undos of a pass; of its own and of its peers' the
  /// newest kMostMovements each. For history_of().
  /// Ask for it before `seen`: then whoever presents a copy of a cryptogram at
  /// another reader meanwhile is found by one of the two, or by use_taken.
  /// Errors: storage_*.
  Result<PassRecords> movements(std::string_view pass_template, std::string_view pass_id);
  /// A season of 400 days with ten movements a day; older ones are folded into nothing.
  static constexpr std::size_t kMostMovements = 4096;

  /// People in a zone of this terminal.
  Result<unsigned> inside(std::string_view zone, std::optional<WallTime> emptied_at);
  /// By tap id; absent: not here. Other terminals' records are not looked at.
  Result<std::optional<TapRecord>> find(const TapId& tap);
  /// The override or undo that refers to `tap`.
  Result<std::optional<TapRecord>> act_on(const TapId& tap, Kind kind);

  /// Whether a cryptogram was recorded and is still remembered at `now`.
  Result<bool> seen(const CryptogramDigest& digest, WallTime now);

  /// Writes one record - with its uses, when `record.use_no` is set, and the
  /// people it moves in or out of its zone - in one BEGIN IMMEDIATE transaction,
  /// and returns after the fsync.
  /// @return The position given. Errors: use_taken (that use number of that pass
  ///         exists, or `guard` does not hold: decide again), storage_full, storage_busy,
  ///         storage_corrupt, storage_unwritable, bad_value (the tap id was
  ///         recorded before). On error nothing was written; but should the
  ///         sync itself fail and the power then go before the next record, the
  ///         use may be found consumed, its effect unknown.
  Result<std::uint64_t> record(const TapRecord& record, const std::optional<Remember>& remember,
                               const Guard& guard = {});

  /// Keeps records of other terminals, each once; all or none. Their passes are
  /// unsettled then.
  /// @return How many were new. Errors: storage_*.
  Result<std::size_t> add_peers(std::span<const TapRecord> records);
  /// What another terminal told, by tap id; absent: nothing. Errors: storage_*.
  Result<std::optional<TapRecord>> peer(const TapId& tap);
  /// The movements of a pass, and as many of its refusals and conflicts: however
  /// often it was refused, no admission is pushed out.
  Result<PassRecords> all_of(std::string_view pass_template, std::string_view pass_id);

  /// A pass whose records are to be judged together: other terminals' have come,
  /// or one of ours since, or its cloud took it back.
  struct Unsettled {
    std::string pass_template, pass_id;
    std::int64_t mark = 0;  ///< Of the newest reason.
  };
  Result<std::vector<Unsettled>> unsettled(std::size_t limit);
  Result<std::size_t> count_unsettled();
  /// Not when there has been another reason since: see `mark`. Not synced: to settle
  /// it once more does no harm.
  Status settled(const Unsettled& pass);
  /// Unsettles those that have records here, and keeps `seen`; all or none.
  /// @param seen  Number of the last revocation looked at (gate/pass_mirror.h).
  Status unsettle(std::span<const Unsettled> passes, std::int64_t seen);
  Result<std::int64_t> revocations_seen();

  /// Notes that lamp and keyboard were done. Not synced: a crash before it
  /// leaves "effect unknown", which is reported and never guessed.
  /// Errors: storage_*, bad_value (no such tap).
  Status mark_effected(const TapId& tap);

  /// Up to `limit` records with position > after, in order.
  Result<std::vector<TapRecord>> read_after(std::uint64_t after, std::size_t limit);
  /// The newest `limit` records, oldest of them first.
  Result<std::vector<TapRecord>> newest(std::size_t limit);
  /// The newest `limit` records of one pass, newest first. Errors: storage_*.
  Result<std::vector<TapRecord>> taps_of(std::string_view pass_template, std::string_view pass_id,
                                         std::size_t limit);
  Result<std::uint64_t> last_position();

  /// What the delivering side has taken over; never more than there is, never
  /// back. Not synced by itself: a power cut before the next record may lose it,
  /// and the delivering side says it again.
  Status acknowledge(std::uint64_t position);
  Result<std::uint64_t> acknowledged();

  /// Work for idle moments, never during a tap: moves the WAL into the database
  /// and deletes what is older than `keep` *and* acknowledged, other terminals' records
  /// as old, and cryptograms no longer to be remembered: at most some thousand rows a call.
  /// `now` deletes for good: do not call while the clock is unset.
  /// Errors: storage_*.
  Status housekeep(WallTime now, std::chrono::days keep);

  /// False after a write failed, true again after one succeeded: health red.
  bool healthy() const noexcept;

 private:
  struct Store;
  explicit Journal(std::unique_ptr<Store> store) noexcept;
  std::unique_ptr<Store> store_;
};

}  // namespace passgate::gate
