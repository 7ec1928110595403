// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/clock.h"

namespace passgate::sync {

/// In [0, 1), for jitter.
using Random = std::function<double()>;

/// Work that is done one exchange at a time, so that it can be driven by a
/// thread in the daemon and by hand in a test.
class Worker {
 public:
  virtual ~Worker() = default;
  /// Does at most one thing. Returns when to be called again at the latest;
  /// earlier does no harm.
  virtual MonoTime step() = 0;

 protected:
  Worker() = default;
  Worker(const Worker&) = default;
  Worker& operator=(const Worker&) = default;
};

/// How long a worker without an appointment sleeps.
inline constexpr std::chrono::hours kLongSleep{1};
/// How long a worker waits after a failure of its own disk.
inline constexpr std::chrono::seconds kDiskPause{5};

}  // namespace passgate::sync
