// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/cloud/pass_book.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// An answer before it is bytes.
struct ApiAnswer {
  int status = 200;
  nlohmann::json body;
  std::string code;  ///< The vendor's error code, for the log; empty: none.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// How a list may lie (faults).
struct ListQuirks {
  bool same_page = false;
  std::size_t extra_total = 0;
};

/// One vendor's API on a pass book. Authentication, envelopes and routes are
/// the vendor's; rates, faults and the log are the sandbox's. Strict where the
/// vendor's documents are explicit; deduplicates only what they say it does.
/// Used by one thread.
class CloudApi {
 public:
  virtual ~CloudApi() = default;
  /// Whether the request lists passes (the faults same-page and changing-total).
  virtual bool lists(const HttpRequest& request) const = 0;
  /// Status 200, or the refusal of who asks.
  virtual ApiAnswer admit(const HttpRequest& request) const = 0;
  virtual ApiAnswer answer(const HttpRequest& request, const ListQuirks& quirks) = 0;
  /// How this vendor says that it fails: 429 or 5xx.
  virtual ApiAnswer failing(int status) const = 0;
  /// Whether it documents X-RateLimit-Limit, -Remaining and -Reset (Unix seconds).
  virtual bool tells_rate() const = 0;
  /// The push that a change of a pass causes, and how it is authenticated.
  struct Push {
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  /// What the last `answer()` gives reason to push, in order; taken once.
  virtual std::vector<Push> take_pushes() = 0;

 protected:
  CloudApi() = default;
  CloudApi(const CloudApi&) = default;
  CloudApi& operator=(const CloudApi&) = default;
};

}  // namespace passgate::sim
