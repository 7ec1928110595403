// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
  std::string consent;     ///< The origin that may deliver, or "*"; empty: nobody is asked for one.
  std::string rate = "*";  ///< Deliveries a minute that the consent is for.
};

/// A backend that receives the terminal's webhooks and trusts nothing: origin,
/// bearer, signature, media type and CloudEvents attributes are checked in this
/// order, and an event seen before is acknowledged and marked, not taken twice.
///
///   GET  /_sim/events[?after=N]            what arrived, in order
///   POST /_sim/faults {"fail":k,"every":n,"status":503,"retry_after":s}
///     the next k deliveries, and every n-th, get that status
///
/// OPTIONS is the handshake of CloudEvents webhooks. Every other POST is a delivery. Keeps at most
/// `kMostDeliveries`, then answers 503: a lost line would make a test believe in a lost event. Used
/// by one thread (the server's).
class Subscriber {
 public:
  static constexpr std::size_t kMostDeliveries = 100'000;

  Subscriber(SubscriberOptions options, JsonLines log, JsonLines output, const Clock& clock);

  HttpResponse answer(const HttpRequest& request);

 private:
  HttpResponse shake_hands(const HttpRequest& request);
  HttpResponse receive(const HttpRequest& request);
  /// Fills `line` and gives the status to answer.
  int judge(const HttpRequest& request, nlohmann::json& line);
  int take(const nlohmann::json& event, nlohmann::json& line);
  HttpResponse events(const Target& target) const;
  HttpResponse set_faults(const std::string& body);
  bool consents_to(std::string_view origin) const;
  bool fails_now();

  SubscriberOptions options_;
  JsonLines log_;
  JsonLines output_;
  const Clock& clock_;  ///< Outlives *this.
  std::vector<nlohmann::json> arrived_;
  unsigned fail_every_ = 0;              ///< 0: none.
  std::optional<unsigned> retry_after_;  ///< Seconds; goes with a refusal that was asked for.
  std::set<std::pair<std::string, std::string>> seen_;      ///< source, id
  std::map<std::string, std::string, std::less<>> newest_;  ///< subject → highest sequence
};

}  // namespace passgate::sim
