// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <nlohmann/json.hpp>

#include "sim/cloud/pass_book.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// What came to a sandbox cloud lately, for a person who watches. Used by one thread.
class Arrivals {
 public:
  static constexpr std::size_t kMostRequests = 200;
  static constexpr std::size_t kMostPasses = 200;

  /// One line of the log; the oldest goes when there are too many.
  void add(nlohmann::json line);
  /// `{"requests":[newest first],"passes":[what was first written to last comes first]}`
  nlohmann::json to_json(const PassBook& book) const;

 private:
  std::deque<nlohmann::json> lines_;
};

/// The page: complete in itself, it asks for nothing but `/_sim/arrivals`, and its
/// content security policy lets nothing else run. What arrived is only ever
/// written as text.
HttpResponse arrivals_page();

}  // namespace passgate::sim
