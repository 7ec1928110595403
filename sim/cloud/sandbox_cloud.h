// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/cloud/faults.h"
#include "sim/cloud/passninja_api.h"
#include "sim/cloud/token_bucket.h"
#include "sim/json_lines.h"

namespace passgate::sim {

struct CloudOptions {
  std::string account_id;
  SecretBytes api_key;
  /// The documents name no maximum for pass lists; 100 is what they name for
  /// the vendor's other lists.
  std::size_t max_per_page = 100;
  double requests_per_s = 0;  ///< Above it 429; 0: no limit.
};

/// A sandbox PassNinja account behind its front door: authentication, rate
/// limit, faults, a log of everything that arrives, and `/_sim/`, by which a
/// test looks in (state) and interferes (faults, passes).
///
///   GET  /_sim/state[?template=&serial=][&touched=1]
///   POST /_sim/faults   {"faults":"SPEC"}             replaces the plan
///   POST /_sim/passes   {"template":"…","pass":{…}}   adds or replaces one pass
///
/// Used by one thread (the server's).
class SandboxCloud {
 public:
  SandboxCloud(CloudOptions options, PassBook book, FaultPlan faults, JsonLines log,
               const Clock& clock);
  SandboxCloud(const SandboxCloud&) = delete;
  SandboxCloud& operator=(const SandboxCloud&) = delete;

  HttpResponse answer(const HttpRequest& request);

 private:
  ApiAnswer ask(const HttpRequest& request, const Meeting& meeting);
  ApiAnswer admit(const HttpRequest& request) const;
  void record(const HttpRequest& request, const HttpResponse& response, const Meeting& meeting,
              const std::string& code);
  HttpResponse control(const HttpRequest& request);
  nlohmann::json state(const Target& target) const;
  ApiAnswer replace_faults(const nlohmann::json& body);
  ApiAnswer upsert_pass(const nlohmann::json& body);

  CloudOptions options_;
  PassBook book_;
  PassNinjaApi api_{book_, options_.max_per_page};
  FaultPlan faults_;
  JsonLines log_;
  const Clock& clock_;  ///< Outlives *this.
  TokenBucket bucket_;
  std::uint64_t requests_ = 0;
  std::size_t extra_total_ = 0;
};

}  // namespace passgate::sim
