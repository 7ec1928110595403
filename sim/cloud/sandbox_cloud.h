// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "sim/cloud/arrivals_page.h"
#include "sim/cloud/cloud_api.h"
#include "sim/cloud/faults.h"
#include "sim/cloud/make_cloud_api.h"
#include "sim/cloud/pass_book.h"
#include "sim/cloud/token_bucket.h"
#include "sim/json_lines.h"

namespace passgate::sim {

/// A sandbox account of a pass cloud behind its front door: rate limit, faults, a
/// log of everything that arrives, and `/_sim/`, by which a test looks in (state)
/// and interferes (faults, passes), and a person watches. Authentication is the
/// vendor's (CloudApi).
///
///   GET  /_sim/                                       a page for people
///   GET  /_sim/arrivals                               what the page shows
///   GET  /_sim/state[?template=&serial=][&touched=1]
///   POST /_sim/faults   {"faults":"SPEC"}             replaces the plan
///   POST /_sim/passes   {"template":"…","pass":{…}}   adds or replaces one pass
///
/// In `state` every pass has `effects`: what requests changed, in order (Effect).
/// `touched=1` leaves out the passes that nobody wrote to.
/// Used by one thread (the server's).
class SandboxCloud {
 public:
  /// Takes what is to be pushed, in order.
  using PushSink = std::function<void(CloudApi::Push)>;

  /// A PassNinja account.
  SandboxCloud(CloudOptions options, PassBook book, FaultPlan faults, JsonLines log,
               const Clock& clock);
  /// Any account. @param api  Works on `book`.
  /// @param requests_per_s  Above it 429; 0: no limit.
  SandboxCloud(std::unique_ptr<PassBook> book, std::unique_ptr<CloudApi> api, double requests_per_s,
               FaultPlan faults, JsonLines log, const Clock& clock);
  SandboxCloud(const SandboxCloud&) = delete;
  SandboxCloud& operator=(const SandboxCloud&) = delete;

  /// Before the first request. Without one, pushes are dropped.
  void push_to(PushSink sink) { sink_ = std::move(sink); }
  HttpResponse answer(const HttpRequest& request);

 private:
  ApiAnswer ask(const HttpRequest& request, const Meeting& meeting);
  void tell_rate(HttpResponse& response);
  void record(const HttpRequest& request, const HttpResponse& response, const Meeting& meeting,
              const std::string& code);
  HttpResponse control(const HttpRequest& request);
  HttpResponse look(const HttpRequest& request) const;
  ApiAnswer replace_faults(const nlohmann::json& body);
  ApiAnswer upsert_pass(const nlohmann::json& body);

  std::unique_ptr<PassBook> book_;  ///< The API's references stay good.
  std::unique_ptr<CloudApi> api_;
  FaultPlan faults_;
  JsonLines log_;
  const Clock& clock_;  ///< Outlives *this.
  TokenBucket bucket_;
  PushSink sink_;
  Arrivals arrivals_;
  std::uint64_t requests_ = 0;
  std::size_t extra_total_ = 0;
};

}  // namespace passgate::sim
