// SPDX-License-Identifier: Apache-2.0
#include "sim/http/late_answers.h"

#include <utility>

namespace passgate::sim {

LateAnswers::LateAnswers() : thread_([this] { run(); }) {}

LateAnswers::~LateAnswers() {
  stop();
}

bool LateAnswers::hold(Milliseconds delay, const std::function<void()>& suspend,
                       std::function<void()> resume) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  suspend();
  waiting_.emplace(std::chrono::steady_clock::now() + delay, std::move(resume));
  changed_.notify_one();
  return true;
}

void LateAnswers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void LateAnswers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ || !waiting_.empty()) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto next = waiting_.begin();
    if (!stopping_ && std::chrono::steady_clock::now() < next->first) {
      changed_.wait_until(lock, next->first);
      continue;
    }
    next->second();
    waiting_.erase(next);
  }
}

}  // namespace passgate::sim
