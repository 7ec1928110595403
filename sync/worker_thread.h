// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <thread>

#include "runtime/log.h"
#include "sync/doorbell.h"
#include "sync/http/curl_client.h"
#include "sync/worker.h"

namespace passgate::sync {

/// The thread of one worker.
class WorkerThread {
 public:
  /// All borrowed; outlive the thread. `http` is the client only this worker uses.
  WorkerThread(Worker& worker, CurlClient& http, const runtime::Log& log)
      : worker_(worker), http_(http), log_(log) {}
  ~WorkerThread();
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;

  void start();                  ///< Once.
  void ring() { bell_.ring(); }  ///< From any thread: there may be work.
  void stop() noexcept;          ///< From any thread: also ends a request under way.
  void join();                   ///< After stop(): waits for the end. Not from the thread itself.

 private:
  void run();

  Worker& worker_;
  CurlClient& http_;
  const runtime::Log& log_;
  Doorbell bell_;
  std::thread thread_;
};

}  // namespace passgate::sync
