// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>

#include "core/clock.h"

namespace passgate::sync {

/// How a worker thread sleeps until its next appointment, until there is work,
/// or until the end. Thread-safe.
class Doorbell {
 public:
  /// There may be work. A ring while nobody waits is kept for the next wait.
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    bell_.notify_all();
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    bell_.notify_all();
  }
  /// False: stopped.
  bool wait_until(MonoTime time) {
    std::unique_lock lock(mutex_);
    bell_.wait_until(lock, time, [this] { return rung_ || stopped_; });
    rung_ = false;
    return !stopped_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
  bool stopped_ = false;
};

}  // namespace passgate::sync
