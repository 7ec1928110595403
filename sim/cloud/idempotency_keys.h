// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "core/clock.h"
#include "sim/cloud/cloud_api.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// What requests with an Idempotency-Key were answered in the last 24 hours.
/// Used by one thread.
class IdempotencyKeys {
 public:
  static constexpr std::chrono::hours kKept{24};
  static constexpr std::size_t kMost = 100'000;  ///< Above it the oldest is forgotten.
  static constexpr std::size_t kLongestKey = 255;

  struct Kept {
    std::string request;  ///< Digest of method, path and body.
    ApiAnswer answer;
    WallTime at;
  };

  static std::string digest_of(const HttpRequest& request);
  /// Null: the key is new, or too old. Valid until the next keep().
  const Kept* find(const std::string& key, WallTime now) const;
  void keep(const std::string& key, Kept what);

 private:
  std::unordered_map<std::string, Kept> kept_;
  std::deque<std::string> order_;
};

}  // namespace passgate::sim
