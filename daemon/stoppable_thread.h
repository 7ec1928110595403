// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "apdu/pcsc/context.h"
#include "core/clock.h"

namespace passgate::daemon {

/// What a thread that blocks in PC/SC shares with its owner. Thread-safe.
class ThreadControl {
 public:
  /// For the thread: time to return.
  bool stopping() const noexcept { return stopping_.load(); }
  /// For the thread: the context whose waits a stop shall cancel; 0 for none.
  void waits_in(apdu::pcsc::ContextId context) noexcept { context_.store(context); }
  /// For the thread: sleeps, less long when a stop comes.
  void pause(Milliseconds time);

 private:
  friend class StoppableThread;
  std::atomic<bool> stopping_ = false;
  std::atomic<apdu::pcsc::ContextId> context_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool body_ended_ = false;
  bool canceller_ended_ = true;
  bool abandoned_ = false;
};

/// A thread that can be told to stop while it waits in PC/SC, and left behind
/// when it hangs in a call that nothing can cancel (SCardTransmit on a broken
/// reader). Owned and used by one thread.
class StoppableThread {
 public:
  /// @param body  Everything it uses must be kept alive by what it captures: it
  ///              may outlive this object.
  /// @param name  For ps and debuggers, at most 15 characters.
  StoppableThread(const char* name, std::function<void(ThreadControl&)> body);
  /// Leaves the thread behind if nobody has stopped it.
  ~StoppableThread();
  StoppableThread(const StoppableThread&) = delete;
  StoppableThread& operator=(const StoppableThread&) = delete;

  /// Returns at once. Wakes the thread's wait again and again until it is out.
  void request_stop();
  /// Waits for the end, at most until `deadline`. False when the thread did not
  /// end: it is then left behind, and this object with it.
  bool join_until(MonoTime deadline);
  /// The body has returned.
  bool ended() const;

 private:
  std::shared_ptr<ThreadControl> control_;
  std::thread body_;
  std::thread canceller_;
};

}  // namespace passgate::daemon
