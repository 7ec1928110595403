// SPDX-License-Identifier: Apache-2.0
// [[subscriber]] and [http]: whom the events go to, and who may come in.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/config_reader.h"
#include "runtime/listen_rule.h"
#include "runtime/toml_text.h"
#include "runtime/url_rule.h"
#include "runtime/value_rule.h"

namespace passgate::runtime {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view kScanned = "passgate.pass.scanned";
constexpr std::string_view kRedeemed = "passgate.pass.redeemed";

std::vector<std::string> read_events(TableReader& table) {
  auto events = table.texts("events", {std::string(kScanned), std::string(kRedeemed)});
  if (events.empty()) table.problem("events", "events is empty: nothing would ever be sent");
  for (const auto& event : events) {
    if (event == kScanned || event == kRedeemed) continue;
    if (event == "passgate.pass.conflict" || event == "passgate.terminal.status") {
      table.problem("events", fmt::format("events: {} is refused", event),
                    lacking_hint("this event"));
    } else {
      table.problem("events", fmt::format("events: unknown event {}", toml_string(event)),
                    fmt::format("one of: {}, {}", kScanned, kRedeemed));
    }
  }
  return events;
}

void read_listen(TableReader& table, HttpConfig& http) {
  const auto given = table.texts("listen", {});
  if (given.empty()) {
    table.problem_of("listen", "names no address", "listen = [\"127.0.0.1:8470\"]");
  }
  const bool tls = table.has("tls_cert") || table.has("tls_key");
  for (const auto& text : given) {
    auto place = listen_place(text, table.where("listen"));
    if (!place) {
      table.problem("listen", fmt::format("listen: {} {}", toml_string(text), place.error()),
                    "\"IP:PORT\", \"[IPV6]:PORT\" or \"unix:PATH\"");
      continue;
    }
    if (!place->this_machine && !tls) {
      table.problem("listen",
                    fmt::format("listen: {} is beyond this machine, which needs tls_cert and "
                                "tls_key",
                                toml_string(text)));
    }
    if (std::ranges::find(http.listen, place->address) != http.listen.end()) {
      table.problem("listen", fmt::format("listen holds {} twice", toml_string(text)));
    }
    http.listen.push_back(std::move(place->address));
  }
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

HttpConfig read_http(const Node& node, Reading& reading) {
  reading.shown.push_back({"[http]", {}});
  TableReader table(node, "", reading);
  HttpConfig http;
  http.origin = node.where;
  read_listen(table, http);
  if (table.has("tls_cert")) http.tls_cert = table.path("tls_cert", {});
  table.knows("tls_cert");
  http.tls_key = table.secret("tls_key");
  if (table.has("tls_cert") != table.has("tls_key")) {
    table.problem(table.has("tls_cert") ? "tls_cert" : "tls_key",
                  "tls_cert and tls_key only work together");
  }
  table.lacks("hosts", "a choice of host names");
  table.lacks("client", "clients with keys of their own");
  table.finish();
  return http;
}

}  // namespace passgate::runtime
