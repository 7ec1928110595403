// SPDX-License-Identifier: Apache-2.0
#include "daemon/stoppable_thread.h"

#include <pthread.h>

namespace passgate::daemon {
namespace {

/// How soon a cancel is repeated that may have come between two waits.
constexpr Milliseconds kCancelAgain{5};

}  // namespace

void ThreadControl::pause(Milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping(); });
}

StoppableThread::StoppableThread(const char* name, std::function<void(ThreadControl&)> body)
    : control_(std::make_shared<ThreadControl>()) {
  body_ = std::thread([control = control_, body = std::move(body)]() mutable {
    body(*control);
    body = nullptr;  // what it captured goes before the owner hears of the end
    const std::scoped_lock lock(control->mutex_);
    control->body_ended_ = true;
    control->changed_.notify_all();
  });
  ::pthread_setname_np(body_.native_handle(), name);
}

StoppableThread::~StoppableThread() {
  if (!body_.joinable()) return;
  request_stop();
  join_until(MonoTime::min());
}

void StoppableThread::request_stop() {
  {
    const std::scoped_lock lock(control_->mutex_);
    if (control_->stopping_.exchange(true)) return;
    control_->canceller_ended_ = false;
    control_->changed_.notify_all();
  }
  // A thread of its own, because the cancel itself talks to pcscd, and a pcscd
  // that hangs would hang the caller.
  canceller_ = std::thread([control = control_] {
    std::unique_lock lock(control->mutex_);
    while (!control->body_ended_ && !control->abandoned_) {
      lock.unlock();
      apdu::pcsc::cancel_wait(control->context_.load());
      lock.lock();
      control->changed_.wait_for(lock, kCancelAgain,
                                 [&] { return control->body_ended_ || control->abandoned_; });
    }
    control->canceller_ended_ = true;
    control->changed_.notify_all();
  });
}

bool StoppableThread::join_until(MonoTime deadline) {
  if (!body_.joinable()) return ended();
  bool out = false;
  {
    std::unique_lock lock(control_->mutex_);
    out = control_->changed_.wait_until(
        lock, deadline, [this] { return control_->body_ended_ && control_->canceller_ended_; });
    control_->abandoned_ = !out;
    control_->changed_.notify_all();
  }
  for (std::thread* thread : {&body_, &canceller_}) {
    if (!thread->joinable()) continue;
    out ? thread->join() : thread->detach();
  }
  return out;
}

bool StoppableThread::ended() const {
  const std::scoped_lock lock(control_->mutex_);
  return control_->body_ended_;
}

}  // namespace passgate::daemon
