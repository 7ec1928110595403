// SPDX-License-Identifier: Apache-2.0
// [[subscriber]] and [[decrypt_service]]: whom the events go to, and who holds keys for us.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/config_reader.h"
#include "runtime/toml_text.h"
#include "runtime/url_rule.h"
#include "runtime/value_rule.h"

namespace passgate::runtime {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view kScanned = "passgate.pass.scanned";
constexpr std::string_view kRedeemed = "passgate.pass.redeemed";
constexpr std::array kEvents{kScanned, kRedeemed, std::string_view("passgate.pass.overridden"),
                             std::string_view("passgate.pass.undone"),
                             std::string_view("passgate.pass.conflict")};

std::vector<std::string> read_events(TableReader& table) {
  auto events = table.texts("events", {std::string(kScanned), std::string(kRedeemed)});
  if (events.empty()) table.problem("events", "events is empty: nothing would ever be sent");
  for (const auto& event : events) {
    if (std::ranges::find(kEvents, event) != kEvents.end()) continue;
    if (event == "passgate.terminal.status") {
      table.problem("events", fmt::format("events: {} is refused", event),
                    lacking_hint("this event"));
    } else {
      table.problem("events", fmt::format("events: unknown event {}", toml_string(event)),
                    fmt::format("one of: {}", fmt::join(kEvents, ", ")));
    }
  }
  return events;
}

}  // namespace

SubscriberConfig read_subscriber(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[subscriber]]", {}});
  TableReader table(node, "", reading);
  SubscriberConfig subscriber;
  subscriber.origin = node.where;
  subscriber.name = table.required_text("name");
  subscriber.url = table.required_text("url");
  if (!subscriber.url.empty()) {
    if (const auto wrong = url_problem(subscriber.url)) table.problem_of("url", *wrong);
  }
  subscriber.events = read_events(table);
  subscriber.bearer = table.secret("bearer");
  subscriber.secrets = table.secrets("secrets");
  if (subscriber.secrets.empty()) {
    table.problem("secrets", "a subscriber needs at least one secret to sign with",
                  "secrets = [\"credential:backend-secret\"]");
  }
  subscriber.retry_base =
      milliseconds(table.integer("retry_base_ms", 1, 3'600'000, subscriber.retry_base.count()));
  subscriber.parallel = static_cast<unsigned>(table.integer("parallel", 1, 16, 4));
  subscriber.origin_name = table.text("origin", "");
  if (!subscriber.origin_name.empty()) {
    if (const auto wrong = dns_name_problem(subscriber.origin_name)) {
      table.problem_of("origin", *wrong, "origin = \"gate-a1.example.com\"");
    }
  }
  table.finish();
  return subscriber;
}

DecryptServiceConfig read_decrypt_service(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[decrypt_service]]", {}});
  TableReader table(node, "", reading);
  DecryptServiceConfig service;
  service.origin = node.where;
  service.name = table.required_text("name");
  service.url = table.required_text("url");
  if (!service.url.empty()) {
    if (const auto wrong = url_problem(service.url)) table.problem_of("url", *wrong);
  }
  service.account_id = table.required_text("account_id");
  service.api_key = table.secret("api_key");
  if (!table.has("api_key")) {
    table.problem_of("api_key", "is missing", "api_key = \"credential:passninja-key\"");
  }
  service.timeout = milliseconds(table.integer("timeout_ms", 50, 10'000, service.timeout.count()));
  table.finish();
  return service;
}

}  // namespace passgate::runtime
