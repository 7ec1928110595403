// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/push_sender.h"

#include <utility>

#include "sim/http/loopback_request.h"

namespace passgate::sim {

PushSender::PushSender(Options options)
    : options_(std::move(options)), thread_([this] { run(); }) {}

PushSender::~PushSender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

Status PushSender::check(const std::string& url) {
  return check_loopback_url(url);
}

void PushSender::submit(CloudApi::Push push) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= options_.most_waiting) {
    ++counts_.dropped;
    return;
  }
  waiting_.push_back(std::move(push));
  changed_.notify_all();
}

PushSender::Counts PushSender::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
  return counts_;
}

void PushSender::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const CloudApi::Push push = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    ++(deliver(push, lock) ? counts_.delivered : counts_.given_up);
    busy_ = false;
    changed_.notify_all();
  }
}

bool PushSender::deliver(const CloudApi::Push& push, std::unique_lock<std::mutex>& lock) {
  Milliseconds pause = options_.pause;
  for (unsigned attempt = 0; attempt < options_.attempts; ++attempt) {
    if (attempt > 0) {
      changed_.wait_for(lock, pause, [this] { return stopping_; });
      pause *= 2;
    }
    if (stopping_) return false;
    lock.unlock();
    const auto status =
        loopback_request("POST", options_.url, push.headers, push.body, options_.timeout);
    lock.lock();
    if (status && *status >= 200 && *status < 300) return true;
  }
  return false;
}

}  // namespace passgate::sim
