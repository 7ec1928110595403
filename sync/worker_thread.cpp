// SPDX-License-Identifier: Apache-2.0
#include "sync/worker_thread.h"

#include <exception>

namespace passgate::sync {

WorkerThread::~WorkerThread() {
  stop();
  join();
}

void WorkerThread::start() {
  thread_ = std::thread([this] { run(); });
}

void WorkerThread::stop() noexcept {
  bell_.stop();
  http_.stop();
}

void WorkerThread::join() {
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::run() {
  MonoTime next = std::chrono::steady_clock::now();
  while (bell_.wait_until(next)) {
    try {
      next = worker_.step();
    } catch (const std::exception&) {
      // Out of memory, or a defect: what was not done is still in the outbox.
      log_(runtime::Level::error, "a worker failed; going on");
      next = std::chrono::steady_clock::now() + kDiskPause;
    }
  }
}

}  // namespace passgate::sync
