// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/http/message.h"
#include "sim/json_lines.h"
#include "sim/subscriber/standard_webhooks.h"

namespace passgate::sim {

struct SubscriberOptions {
  WebhookVerifier verifier;
  SecretBytes bearer;  ///< Empty: none asked for.
  unsigned fail = 0;   ///< The first deliveries that get `fail_status`.
  int fail_status = 503;
};

/// A backend that receives the terminal's webhooks and trusts nothing: bearer,
/// signature, media type and CloudEvents attributes are checked in this order,
/// and an event seen before is acknowledged and marked, not taken twice.
///
///   GET  /_sim/events[?after=N]            what arrived, in order
///   POST /_sim/faults {"fail":k,"status":503}
///
/// Every other POST is a delivery. Keeps at most `kMostDeliveries`, then answers
/// 503: a lost line would make a test believe in a lost event.
/// Used by one thread (the server's).
class Subscriber {
 public:
  static constexpr std::size_t kMostDeliveries = 100'000;

  Subscriber(SubscriberOptions options, JsonLines log, JsonLines output, const Clock& clock);

  HttpResponse answer(const HttpRequest& request);

 private:
  HttpResponse receive(const HttpRequest& request);
  /// Fills `line` and gives the status to answer.
  int judge(const HttpRequest& request, nlohmann::json& line);
  int take(const nlohmann::json& event, nlohmann::json& line);
  HttpResponse events(const Target& target) const;
  HttpResponse set_faults(const std::string& body);

  SubscriberOptions options_;
  JsonLines log_;
  JsonLines output_;
  const Clock& clock_;  ///< Outlives *this.
  std::vector<nlohmann::json> arrived_;
  std::set<std::pair<std::string, std::string>> seen_;      ///< source, id
  std::map<std::string, std::string, std::less<>> newest_;  ///< subject → highest sequence
};

}  // namespace passgate::sim
