// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "core/clock.h"
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

  /// Asks the time service, if it has to and the last answer is a minute old.
  /// Takes up to half a second: for one thread, and not the one of a tap.
  void ask_time_service();

 private:
  enum class Told : std::uint8_t { nothing, synchronised, not_synchronised };
  std::atomic<Told> told_ = Told::nothing;
  std::atomic<MonoTime> asked_ = MonoTime{};
};

}  // namespace passgate::runtime
