// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::sync {

enum class JobKind : std::uint8_t {
  delivery = 0,    ///< An event for a subscriber.
  redemption = 1,  ///< A use for a provider, or one to be taken back.
  push = 2,        ///< What a provider pushed to us, to be looked into.
};

/// Where work goes: a subscriber's or a provider's name.
struct Destination {
  JobKind kind = JobKind::delivery;
  std::string name;
  friend bool operator==(const Destination&, const Destination&) = default;
};

/// Work that a tap causes.
struct NewJob {
  Destination to;
  std::string pass_key;  ///< Jobs of one key at one destination go one after the other.
  std::string event_id;  ///< Unique at the destination.
  std::string body;      ///< What is sent, or told, again and again: the same bytes.
  std::uint64_t position = 0;
  /// The event whose use this one undoes: it is not sent again from now on. Where
  /// it is not at the destination, or was refused there or given up, there is
  /// nothing to undo, and no job.
  std::string takes_back{};
};

struct Job {
  std::int64_t id = 0;
  std::string event_id;
  std::string body;
  unsigned attempts = 0;  ///< Made so far.
  std::string memo;       ///< What `remember()` kept; empty: nothing.
};

/// A share of a destination's passes, for a worker that does not work alone:
/// every pass belongs to one of 16 lanes, worker `index` of `count` has the
/// lanes with lane mod count == index. So no two workers ever meet at a pass.
struct Share {
  unsigned index = 0;
  unsigned count = 1;  ///< 1..kLanes
};
inline constexpr unsigned kLanes = 16;

/// One try, for the record.
struct Attempt {
  WallTime at;
  Milliseconds took{0};
  std::optional<int> status;  ///< HTTP status; absent: there was no answer.
  std::string error;          ///< Errc name; empty when it succeeded.
  friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// How a job ends.
enum class JobEnd : std::uint8_t {
  done,       ///< Delivered.
  terminal,   ///< Refused for good; kept, shown.
  dead,       ///< Tried often enough; kept, shown.
  ambiguous,  ///< May have been counted twice or not at all, nobody can say; kept, shown.
};

/// A job as a person sees it.
struct JobView {
  std::int64_t id = 0;
  Destination to;
  std::string pass_key;
  std::string event_id;
  std::string state;  ///< waiting | queued | done | terminal | dead | ambiguous
  unsigned attempts = 0;
  std::string last_error;  ///< Errc name; empty: none.
  WallTime created;
  std::optional<WallTime> finished;
  bool undone = false;  ///< A redemption whose use was taken back since.
};

/// Which jobs `list()` shows.
struct JobFilter {
  std::optional<JobKind> kind;         ///< Absent: deliveries and redemptions.
  std::optional<std::int64_t> id;      ///< Only this one.
  bool only_failed = false;            ///< Terminal, dead and ambiguous ones, as in a Backlog.
  std::int64_t before_id = INT64_MAX;  ///< Older than this one; for paging.
  std::size_t limit = 100;
};

/// Of a use that was undone nothing is owed, whatever became of telling it: what is
/// left to do is its undo's.
struct Backlog {
  std::size_t open = 0;    ///< To be delivered.
  std::size_t failed = 0;  ///< Terminal or dead.
  std::size_t ambiguous = 0;
  std::optional<WallTime> oldest_open;
};

/// What this terminal still owes the world: outbox.db, private to
/// passgate-syncd, with the cursor into passgated's journal. A batch of the
/// journal becomes jobs and moves the cursor in one transaction, so a crash at
/// any instant loses and doubles nothing. synchronous=FULL.
///
/// Job times (`due`, `next_at`) are those of one SteadyWall; they mean nothing
/// across a restart until `forget_impossible_times()` looked at them.
///
/// Thread-safe: one connection behind a mutex. Errors of all calls: storage_*.
class Outbox {
 public:
  /// Errors: those of open_database.
  static Result<Outbox> open(const std::filesystem::path& path);
  Outbox(Outbox&&) noexcept;
  Outbox& operator=(Outbox&&) noexcept;
  ~Outbox();

  /// The position of the last journal record taken over; 0: none.
  Result<std::uint64_t> cursor();

  /// Back to the start: passgated's journal is another one than it was. Records
  /// met again make no second job, because the event's id is the tap's.
  Status rewind();

  /// Takes over the journal up to `new_cursor`. A cursor that is not ahead of
  /// the present one changes nothing: those records were taken over already.
  /// @param created  Wall clock, for the operator. @param due  Job time.
  Status store(std::span<const NewJob> jobs, std::uint64_t new_cursor, WallTime created,
               WallTime due);

  /// Takes in work that no tap causes. False: an event of that id was taken in
  /// before, and nothing was changed. Errors: storage_full (10 000 of that kind
  /// are open at the destination: whoever sends them shall come again later).
  Result<bool> enqueue(const NewJob& job, WallTime created, WallTime due);

  /// The job to do next at `now`; the same one until it is finished or postponed.
  Result<std::optional<Job>> next_due(const Destination& to, WallTime now, Share share = {});
  /// When the earliest job there may be done; absent when there is none.
  Result<std::optional<WallTime>> next_time(const Destination& to, Share share = {});

  /// Keeps `memo` with the job: what must be known if the process dies now.
  Status remember(const Job& job, std::string_view memo);

  /// Records the attempt and tries again at `next_at`.
  Status postpone(const Job& job, WallTime next_at, const Attempt& attempt);
  /// Records the attempt and ends the job; the next of its pass is due `now`.
  Status finish(const Job& job, JobEnd end, WallTime now, const Attempt& attempt);
  /// Makes due what only waits because its last attempt ended with `error`.
  Status bring_forward(const Destination& to, std::string_view error, WallTime now);

  /// At start: a time further ahead than any pause is another clock's; due now.
  Status forget_impossible_times(WallTime now, Milliseconds longest_pause);

  /// Whether an event ended there terminal or dead.
  Result<bool> was_refused(const Destination& to, const std::string& event_id);

  /// Whether a redemption there is owed an echo, the push that the provider
  /// sends because of it; each is given once. Of `event_id`, or when that is
  /// empty of any that was tried for the pass.
  Result<bool> take_echo(std::string_view provider, std::string_view pass_key,
                         std::string_view event_id);

  Result<Backlog> backlog(const Destination& to);
  /// Newest first.
  Result<std::vector<JobView>> list(const JobFilter& filter);
  /// Sends a terminal, dead or ambiguous job again, its attempts counted anew;
  /// behind what its pass has open. False: there is no such job, it is not one of
  /// those, or its use was undone: the provider is not told of it any more.
  Result<bool> redeliver(std::int64_t id, WallTime due);
  /// Oldest first. At most the newest 100 of a job are kept.
  Result<std::vector<Attempt>> attempts(std::string_view event_id, const Destination& to);
  /// The body of a job, and whom it is for. Absent: there is no such job.
  Result<std::optional<std::pair<Destination, std::string>>> body_of(std::int64_t id);
  /// Deletes what was delivered before `before`, and pushes that were looked
  /// into before `pushes_before`, at most `limit` jobs. What was not delivered
  /// stays for ever.
  Status prune(WallTime before, WallTime pushes_before, std::size_t limit);

 private:
  struct Store;
  explicit Outbox(std::unique_ptr<Store> store) noexcept;
  std::unique_ptr<Store> store_;
};

}  // namespace passgate::sync
