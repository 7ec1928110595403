// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/result.h"
#include "sim/cloud/cloud_api.h"

namespace passgate::sim {

/// Delivers a sandbox cloud's pushes to one webhook on loopback, from a thread of
/// its own and in order: the next waits until this one is delivered or given up.
/// Any 2xx is success. `submit()` from any thread.
class PushSender {
 public:
  struct Options {
    std::string url;                  ///< http://127.0.0.1:PORT/…
    std::size_t most_waiting = 1000;  ///< Above it pushes are dropped.
    unsigned attempts = 5;
    Milliseconds pause{1000};    ///< Before the second attempt; then twice as long each time.
    Milliseconds timeout{5000};  ///< For each half of an attempt: sending, answering.
  };
  struct Counts {
    std::uint64_t delivered = 0;
    std::uint64_t given_up = 0;
    std::uint64_t dropped = 0;  ///< The queue was full.
  };

  explicit PushSender(Options options);
  /// Drops what still waits; an attempt under way ends within its timeouts.
  ~PushSender();
  PushSender(const PushSender&) = delete;
  PushSender& operator=(const PushSender&) = delete;

  /// Errors: bad_value (not a URL on loopback).
  static Status check(const std::string& url);

  void submit(CloudApi::Push push);
  /// Returns when nothing waits or is under way.
  Counts wait_until_idle();

 private:
  void run();
  /// Whether it was delivered; false, too, when stopped.
  bool deliver(const CloudApi::Push& push, std::unique_lock<std::mutex>& lock);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<CloudApi::Push> waiting_;
  bool busy_ = false;
  bool stopping_ = false;
  Counts counts_;
  std::thread thread_;  ///< Last: starts when the rest is there.
};

}  // namespace passgate::sim
