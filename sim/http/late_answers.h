// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "core/clock.h"

namespace passgate::sim {

/// Calls things later, on one thread of its own: how a slow cloud is slow for
/// one client without being slow for all.
class LateAnswers {
 public:
  LateAnswers();
  ~LateAnswers();  ///< As stop().
  LateAnswers(const LateAnswers&) = delete;
  LateAnswers& operator=(const LateAnswers&) = delete;

  /// Runs `suspend` now and `resume` after `delay`, in this order and both under
  /// one lock, so that a stop in between loses neither.
  /// @return false, and neither is run, once stop() was called.
  bool hold(Milliseconds delay, const std::function<void()>& suspend, std::function<void()> resume);

  /// Runs everything still waiting at once and ends the thread. Idempotent.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<MonoTime, std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;  ///< Last: starts when the rest is there.
};

}  // namespace passgate::sim
