// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "core/clock.h"
#include "core/guarded.h"
#include "runtime/clock_health.h"

namespace passgate::runtime {

/// The machine's clocks. `state()` asks the kernel (adjtimex, read only):
/// synchronised when a time service disciplines the clock, unset when the time
/// lies before this software was built, holdover otherwise. Where the sandbox
/// forbids to ask the kernel, what the time service said last counts, for three
/// minutes. Thread-safe.
class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  MonoTime monotonic() const override;
  ClockState state() const override;
  /// By the kernel while it is synchronised, 16 s where only the time service can
  /// be asked; without synchronisation what the last bound has grown to since.
  /// Absent: never synchronised in this process's life.
  std::optional<Milliseconds> error_bound() const override;

  /// Notes how far off the clock may be, so that this is known when synchronisation
  /// is lost. Asks the time service, if it has to and the last answer is a minute old.
  /// Takes up to half a second: for one thread, and not the one of a tap.
  void ask_time_service();

 private:
  void anchor(Milliseconds bound) const;

  enum class Told : std::uint8_t { nothing, synchronised, not_synchronised };
  std::atomic<Told> told_ = Told::nothing;
  std::atomic<MonoTime> asked_ = MonoTime{};
  mutable Guarded<std::optional<ClockAnchor>> anchor_;
};

}  // namespace passgate::runtime
