// SPDX-License-Identifier: Apache-2.0
// The tables passgate-syncd works by: providers and subscribers.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/config_reader.h"
#include "runtime/toml_text.h"
#include "runtime/url_rule.h"

namespace passgate::runtime {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view kScanned = "passgate.pass.scanned";
constexpr std::string_view kRedeemed = "passgate.pass.redeemed";

void require_url(TableReader& table, std::string_view key, const std::string& url) {
  if (url.empty()) return;  // Already reported as missing.
  if (const auto wrong = url_problem(url)) table.problem(key, fmt::format("{} {}", key, *wrong));
}

/// The first {word} that is not one of the known ones.
std::string unknown_placeholder(std::string_view text) {
  constexpr std::array<std::string_view, 6> kKnown = {"time",   "tap_id",  "terminal",
                                                      "reader", "pass_id", "object_id"};
  for (auto open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view word = text.substr(open + 1, close - open - 1);
    if (std::ranges::find(kKnown, word) == kKnown.end()) return std::string(word);
  }
  return "";
}

RedeemConfig read_redeem(TableReader table) {
  RedeemConfig redeem;
  const std::string mode = table.text("mode", "patch");
  if (mode == "patch" || mode == "none") {
    redeem.mode = mode;
  } else {
    table.problem("mode", fmt::format("redeem.mode = {} is refused", toml_string(mode)),
                  lacking_hint("other modes than patch and none"));
  }
  redeem.fields = table.text_map("fields");
  if (redeem.mode == "none" && !redeem.fields.empty()) {
    table.problem("fields", "redeem.fields are never sent with mode = \"none\"",
                  "remove one of them");
  }
  for (const auto& [field, value] : redeem.fields) {
    if (const std::string word = unknown_placeholder(value); !word.empty()) {
      table.problem("fields",
                    fmt::format("redeem.fields.{} holds the unknown {}", toml_key(field),
                                toml_string("{" + word + "}")),
                    "known: {time} {tap_id} {terminal} {reader} {pass_id} {object_id}");
    }
  }
  table.finish();
  return redeem;
}

void read_kind(TableReader& table, ProviderConfig& provider) {
  provider.kind = table.required_text("kind");
  if (provider.kind.empty() || provider.kind == "passninja") return;
  table.problem("kind", fmt::format("kind = {} is refused", toml_string(provider.kind)),
                lacking_hint("other providers than passninja"));
}

void read_status_map(TableReader& table, ProviderConfig& provider) {
  constexpr std::array<std::string_view, 6> kStates = {"valid",   "redeemed",      "voided",
                                                       "expired", "not_yet_valid", "unknown"};
  provider.status_map = table.text_map("status_map");
  for (const auto& [word, state] : provider.status_map) {
    if (std::ranges::find(kStates, state) != kStates.end()) continue;
    table.problem("status_map",
                  fmt::format("status_map.{} may not be {}", toml_key(word), toml_string(state)),
                  fmt::format("one of: valid, redeemed, voided, expired, not_yet_valid, unknown"));
  }
}

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

}  // namespace

ProviderConfig read_provider(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[provider]]", {}});
  TableReader table(node, "", reading);
  ProviderConfig provider;
  provider.origin = node.where;
  provider.name = table.required_text("name");
  read_kind(table, provider);
  provider.base_url = table.required_text("base_url");
  require_url(table, "base_url", provider.base_url);
  provider.account_id = table.required_text("account_id");
  provider.api_key = table.secret("api_key");
  if (!table.has("api_key")) {
    table.problem("api_key", "api_key is missing", "api_key = \"credential:passninja-key\"");
  }
  provider.refresh = seconds(table.integer("refresh_s", 1, 86'400, provider.refresh.count()));
  provider.redeem.mode = "patch";
  if (auto redeem = table.table("redeem")) provider.redeem = read_redeem(std::move(*redeem));
  table.lacks("webhook", "webhooks from providers");
  provider.page_size =
      static_cast<unsigned>(table.integer("page_size", 1, 10'000, provider.page_size));
  provider.max_rps = table.number("max_rps", 0.01, 100'000, provider.max_rps).value();
  provider.timeout =
      milliseconds(table.integer("timeout_ms", 1, 600'000, provider.timeout.count()));
  read_status_map(table, provider);
  table.finish();
  return provider;
}

SubscriberConfig read_subscriber(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[subscriber]]", {}});
  TableReader table(node, "", reading);
  SubscriberConfig subscriber;
  subscriber.origin = node.where;
  subscriber.name = table.required_text("name");
  subscriber.url = table.required_text("url");
  require_url(table, "url", subscriber.url);
  subscriber.events = read_events(table);
  subscriber.bearer = table.secret("bearer");
  subscriber.secrets = table.secrets("secrets");
  if (subscriber.secrets.empty()) {
    table.problem("secrets", "a subscriber needs at least one secret to sign with",
                  "secrets = [\"credential:backend-secret\"]");
  }
  subscriber.retry_base =
      milliseconds(table.integer("retry_base_ms", 1, 3'600'000, subscriber.retry_base.count()));
  table.finish();
  return subscriber;
}

}  // namespace passgate::runtime
